/**
 * UDP with one system call for many datagrams and without an object for any of them, which Netty's
 * channels do not give: they make a packet and an address for each.
 *
 * <p>Start at {@link dev.coracle.dns.datagram.BatchSocket}. The rule: whoever receives a batch
 * answers it on the same thread before it receives the next one.
 */
@NullMarked
package dev.coracle.dns.datagram;

import org.jspecify.annotations.NullMarked;
