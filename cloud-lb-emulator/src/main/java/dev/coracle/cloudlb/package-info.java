/**
 * An emulated cloud: load balancers with a REST API, and the controller that asks them for
 * Services.
 *
 * <p>{@code service} watches Services of type LoadBalancer and asks for load balancers through the
 * provider's REST API ({@code api}), as a cloud's controller does. {@code balancer} gives each an
 * address from the pool ({@code address}), listens there and forwards to targets that {@code
 * target} finds healthy.
 *
 * <p>Start at {@link dev.coracle.cloudlb.CloudLbEmulator}. The rule: the controller and the
 * provider share no object; what they know of each other goes over HTTP.
 */
@NullMarked
package dev.coracle.cloudlb;

import org.jspecify.annotations.NullMarked;
