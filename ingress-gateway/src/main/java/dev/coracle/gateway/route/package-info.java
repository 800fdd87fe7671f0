/**
 * Which backend a request goes to, by host and path.
 *
 * <p>Start at {@link dev.coracle.gateway.route.RouteTable}. The rule: JDK only; nothing of
 * Kubernetes, no I/O.
 */
@NullMarked
package dev.coracle.gateway.route;

import org.jspecify.annotations.NullMarked;
