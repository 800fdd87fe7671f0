package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.UserPorts;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Targets;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.List;

/**
 * What of a Service's rule has a meaning on loopback addresses. Pure.
 *
 * <p>All nodes listen on the same ClusterIPs and no client's address tells which node it is of: the
 * policy for internal traffic is not asked, and nobody counts as of the node. The load balancer
 * listens on its own addresses. Ports that the user may not open are others.
 */
public final class LoopbackRules {

    private LoopbackRules() {}

    static RuleSet.Change of(RuleSet.Change change, UserPorts ports) {
        return new RuleSet.Change(
                change.wanted().stream().map(rule -> of(rule, ports)).toList(), change.gone());
    }

    private static ServiceRule of(ServiceRule rule, UserPorts ports) {
        List<Front> fronts =
                rule.fronts().stream()
                        .filter(front ->
                                switch (front.kind()) {
                                    case CLUSTER, NODE -> true;
                                    case EXTERNAL -> front.address().startsWith("127.");
                                    case BALANCER -> false;
                                })
                        .map(front ->
                                new Front(front.kind(), front.address(), ports.of(front.port())))
                        .toList();
        Targets targets = rule.targets();
        return new ServiceRule(
                rule.name(),
                rule.protocol(),
                fronts,
                new Targets(
                        targets.inside(),
                        targets.outside(),
                        targets.outside(),
                        targets.keepsSource()),
                rule.affinitySeconds(),
                List.of());
    }

    /** A Service with the ports at which it is reached. */
    public static Service asReached(Service service, UserPorts ports) {
        List<ServicePort> moved =
                service.getSpec().getPorts().stream()
                        .map(port ->
                                new ServicePortBuilder(port)
                                        .withPort(ports.of(port.getPort()))
                                        .build())
                        .toList();
        return new ServiceBuilder(service).editSpec().withPorts(moved).endSpec().build();
    }
}
