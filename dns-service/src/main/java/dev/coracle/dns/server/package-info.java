/**
 * The UDP and TCP listeners.
 *
 * <p>Start at {@link dev.coracle.dns.server.DnsServer}. The rule: the threads of sockets answer
 * only what needs no wait; answers are made on virtual threads.
 */
@NullMarked
package dev.coracle.dns.server;

import org.jspecify.annotations.NullMarked;
