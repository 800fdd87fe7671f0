/**
 * Cluster DNS: names of Services and endpoints from the API, everything else from the host's
 * resolvers.
 *
 * <p>A datagram or a TCP frame comes in at {@code server}. A plain question about the zone ({@code
 * cluster}, changed a Service at a time) is answered there from octets to octets; everything else
 * is decoded by {@code wire} and goes down the {@code chain}: the hosts of {@code rules}, the zone,
 * the stub zones of {@code rules}, then the {@code cache}, then {@code forward}. {@code
 * registration} makes the service known to the cluster as {@code kube-system/kube-dns}.
 *
 * <p>Start at {@link dev.coracle.dns.DnsService}. The rule: an answer is a value until the one
 * place that turns it into a response code.
 */
@NullMarked
package dev.coracle.dns;

import org.jspecify.annotations.NullMarked;
