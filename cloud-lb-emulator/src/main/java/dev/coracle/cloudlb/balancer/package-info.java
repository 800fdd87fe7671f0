/**
 * Load balancers: what was asked for, what state it is in, and the listeners that serve it.
 *
 * <p>Start at {@link dev.coracle.cloudlb.balancer.LoadBalancers}. The rule: a change of targets
 * never closes a listener.
 */
@NullMarked
package dev.coracle.cloudlb.balancer;

import org.jspecify.annotations.NullMarked;
