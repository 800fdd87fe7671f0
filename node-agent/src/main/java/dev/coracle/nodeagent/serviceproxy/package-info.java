/**
 * The service proxy, kube-proxy's role: Service addresses lead to ready endpoints.
 *
 * <p>{@link dev.coracle.nodeagent.serviceproxy.ServiceProxy} reads Services and EndpointSlices;
 * {@code ServiceTopology} decides which endpoints are usable; {@code RuleSet} is the whole desired
 * state as data; a {@code RuleApplier} puts it into force at once: {@code NftablesRuleApplier} as
 * one nft transaction, {@code UserspaceRuleApplier} as listeners. Start at {@link
 * dev.coracle.nodeagent.serviceproxy.ServiceProxy}.
 *
 * <p>Rule: what to do is decided in {@code ServiceTopology} and {@code RuleSet}, without I/O, clock
 * or logger.
 */
@NullMarked
package dev.coracle.nodeagent.serviceproxy;

import org.jspecify.annotations.NullMarked;
