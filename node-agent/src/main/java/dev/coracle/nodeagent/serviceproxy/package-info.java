/**
 * The service proxy, kube-proxy's role: Service addresses lead to ready endpoints.
 *
 * <p>{@link dev.coracle.nodeagent.serviceproxy.ServiceProxy} is told which Service has changed;
 * {@code EndpointChoice} decides which endpoints the node uses, {@code ServiceTopology} makes rules
 * of them, {@code RuleSet.Change} is what is new about those. A {@code RuleApplier} puts it into
 * force: {@code NftablesRuleApplier} as one nft transaction of the elements concerned ({@code
 * NftablesTable} is the table they are in), {@code UserspaceRuleApplier} as listeners. Start at
 * {@link dev.coracle.nodeagent.serviceproxy.ServiceProxy}.
 *
 * <p>Rule: what to do is decided in {@code EndpointChoice}, {@code ServiceTopology} and {@code
 * ServiceRule}, without I/O, clock or logger; the appliers only know how.
 */
@NullMarked
package dev.coracle.nodeagent.serviceproxy;

import org.jspecify.annotations.NullMarked;
