package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a Service's type and policies imply. */
final class ServiceTypes {

    private ServiceTypes() {}

    static boolean isExternalName(ApiObject service) {
        return service.text("spec.type").equals("ExternalName");
    }

    static boolean isLoadBalancer(ApiObject service) {
        return service.text("spec.type").equals("LoadBalancer");
    }

    /** Whether it has no address on purpose. */
    static boolean isHeadless(ApiObject service) {
        return Json.texts(service.at("spec.clusterIPs")).equals(List.of("None"));
    }

    static boolean mayHaveNodePorts(ApiObject service) {
        return service.text("spec.type").equals("NodePort") || isLoadBalancer(service);
    }

    /** Whether every port must get a node port. */
    static boolean wantsNodePorts(ApiObject service) {
        return service.text("spec.type").equals("NodePort")
                || (isLoadBalancer(service)
                        && service.at("spec.allocateLoadBalancerNodePorts").asBoolean(true));
    }

    /** Whether an {@code externalTrafficPolicy} says something. */
    static boolean isReachableFromOutside(ApiObject service) {
        return mayHaveNodePorts(service)
                || (service.text("spec.type").equals("ClusterIP")
                        && !service.at("spec.externalIPs").isEmpty());
    }

    static boolean needsHealthCheck(ApiObject service) {
        return isLoadBalancer(service)
                && service.text("spec.externalTrafficPolicy").equals("Local");
    }

    /** 0 for none. */
    static int healthCheckNodePort(ApiObject service) {
        return service.at("spec.healthCheckNodePort").asInt(0);
    }

    static Set<Integer> nodePorts(ApiObject service) {
        return Json.objects(service.at("spec.ports")).stream()
                .map(port -> port.path("nodePort").asInt(0))
                .filter(port -> port != 0)
                .collect(Collectors.toSet());
    }
}
