/**
 * DNS messages as values, and their form on the wire (RFC 1035, 2782, 6891).
 *
 * <p>Start at {@link dev.coracle.dns.wire.Message}. The rule: JDK only; no socket is opened here.
 */
@NullMarked
package dev.coracle.dns.wire;

import org.jspecify.annotations.NullMarked;
