/**
 * The order in which a question is asked, and the one place that gives an answer its response code.
 *
 * <p>Start at {@link dev.coracle.dns.chain.Chain}.
 */
@NullMarked
package dev.coracle.dns.chain;

import org.jspecify.annotations.NullMarked;
