/**
 * The Ingress controller and its HTTP data plane.
 *
 * <p>Two flows meet in an immutable {@code route} table. Ingresses, Services and EndpointSlices
 * come by watch and are translated by {@code ingress}; the table is swapped as a whole. Requests
 * come in at {@code listener}, {@code proxy} asks the table, {@code upstream} chooses an endpoint,
 * and bytes stream both ways. {@code registration} makes the gateway known to the cluster; {@code
 * admin} shows the table.
 *
 * <p>Start at {@link dev.coracle.gateway.IngressGateway}. The rule: a request is served by one
 * table from beginning to end.
 */
@NullMarked
package dev.coracle.gateway;

import org.jspecify.annotations.NullMarked;
