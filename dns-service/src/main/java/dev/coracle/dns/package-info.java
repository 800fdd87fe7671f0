/**
 * Cluster DNS: names of Services and endpoints from the API, everything else from the host's
 * resolvers.
 *
 * <p>A datagram or a TCP frame comes in at {@code server}, is decoded by {@code wire} and goes down
 * the {@code chain}: the cluster zone first ({@code cluster}, rebuilt from informers on each
 * change), then the {@code cache}, then {@code forward}. {@code registration} makes the service
 * known to the cluster as {@code kube-system/kube-dns}.
 *
 * <p>Start at {@link dev.coracle.dns.DnsService}. The rule: an answer is a value until the one
 * place that turns it into a response code.
 */
@NullMarked
package dev.coracle.dns;

import org.jspecify.annotations.NullMarked;
