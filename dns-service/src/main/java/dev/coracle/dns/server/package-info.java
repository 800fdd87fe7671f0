/**
 * The UDP and TCP listeners.
 *
 * <p>Start at {@link dev.coracle.dns.server.DnsServer}. The rule: event loops only move bytes;
 * answers are made on virtual threads.
 */
@NullMarked
package dev.coracle.dns.server;

import org.jspecify.annotations.NullMarked;
