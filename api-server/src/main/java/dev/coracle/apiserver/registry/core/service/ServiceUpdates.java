package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an update of a Service means: allocated values that the client left out stay, and what the
 * new type has no use for goes, unless the client has changed it in the same breath; then
 * validation refuses it (k8s.io/kubernetes/pkg/registry/core/service).
 */
final class ServiceUpdates {

    private ServiceUpdates() {}

    static void apply(ApiObject updated, ApiObject old) {
        keepAllocated(updated, old);
        alignAddresses(updated, old);
        dropUnused(updated, old);
        ServiceFamilies.complete(updated, old);
    }

    /** A client that knows only the singular field means both. */
    static void alignNew(ApiObject service) {
        String address = service.text("spec.clusterIP");
        if (!address.isEmpty() && !Json.isPresent(service.at("spec.clusterIPs"))) {
            service.spec().putArray("clusterIPs").add(address);
        }
    }

    private static void keepAllocated(ApiObject updated, ApiObject old) {
        ObjectNode spec = updated.spec();
        if (!ServiceTypes.isExternalName(old) && !ServiceTypes.isExternalName(updated)) {
            if (updated.text("spec.clusterIP").isEmpty()) {
                Json.setOrRemove(spec, "clusterIP", old.at("spec.clusterIP"));
            }
            if (!Json.isPresent(spec.path("clusterIPs"))
                    && updated.text("spec.clusterIP").equals(old.text("spec.clusterIP"))) {
                Json.setOrRemove(spec, "clusterIPs", old.at("spec.clusterIPs"));
            }
        }
        if (ServiceTypes.mayHaveNodePorts(old) && ServiceTypes.wantsNodePorts(updated)) {
            keepNodePorts(updated, old);
        }
        if (ServiceTypes.needsHealthCheck(old)
                && ServiceTypes.needsHealthCheck(updated)
                && ServiceTypes.healthCheckNodePort(updated) == 0) {
            Json.setOrRemove(spec, "healthCheckNodePort", old.at("spec.healthCheckNodePort"));
        }
    }

    /** By the port's name: everything else about it may have changed. */
    private static void keepNodePorts(ApiObject updated, ApiObject old) {
        Set<Integer> used = new HashSet<>(ServiceTypes.nodePorts(old));
        used.retainAll(ServiceTypes.nodePorts(updated));
        Map<String, JsonNode> byName = new HashMap<>();
        for (ObjectNode port : Json.objects(old.at("spec.ports"))) {
            byName.put(Json.text(port, "name"), port.path("nodePort"));
        }
        for (ObjectNode port : Json.objects(updated.at("spec.ports"))) {
            JsonNode before = byName.get(Json.text(port, "name"));
            if (port.path("nodePort").asInt(0) == 0
                    && before != null
                    && !used.contains(before.asInt(0))) {
                Json.setOrRemove(port, "nodePort", before);
            }
        }
    }

    private static void alignAddresses(ApiObject updated, ApiObject old) {
        String address = updated.text("spec.clusterIP");
        String before = old.text("spec.clusterIP");
        JsonNode all = updated.at("spec.clusterIPs");
        if (!address.equals(before)
                && Json.texts(all).equals(Json.texts(old.at("spec.clusterIPs")))) {
            updated.spec().remove("clusterIPs");
            if (!address.isEmpty()) {
                updated.spec().putArray("clusterIPs").add(address);
            }
        }
        if (updated.text("spec.clusterIP").isEmpty()) {
            updated.spec().remove("clusterIP");
        }
    }

    private static void dropUnused(ApiObject updated, ApiObject old) {
        ObjectNode spec = updated.spec();
        if (!ServiceTypes.isExternalName(old) && ServiceTypes.isExternalName(updated)) {
            if (isSame("clusterIP", updated, old) && isSame("clusterIPs", updated, old)) {
                spec.remove(List.of("clusterIP", "clusterIPs"));
            }
            dropIfSame("ipFamilies", updated, old);
            dropIfSame("ipFamilyPolicy", updated, old);
        }
        boolean losesNodePorts =
                ServiceTypes.mayHaveNodePorts(old) && !ServiceTypes.mayHaveNodePorts(updated);
        if (losesNodePorts
                && ServiceTypes.nodePorts(old).containsAll(ServiceTypes.nodePorts(updated))) {
            Json.objects(spec.path("ports")).forEach(port -> port.remove("nodePort"));
        }
        if (ServiceTypes.needsHealthCheck(old) && !ServiceTypes.needsHealthCheck(updated)) {
            dropIfSame("healthCheckNodePort", updated, old);
        }
        if (ServiceTypes.isLoadBalancer(old) && !ServiceTypes.isLoadBalancer(updated)) {
            dropIfSame("allocateLoadBalancerNodePorts", updated, old);
            dropIfSame("loadBalancerClass", updated, old);
        }
        if (ServiceTypes.isReachableFromOutside(old)
                && !ServiceTypes.isReachableFromOutside(updated)) {
            dropIfSame("externalTrafficPolicy", updated, old);
        }
        if (!ServiceTypes.isLoadBalancer(updated)) {
            updated.status().putObject("loadBalancer");
        }
    }

    private static boolean isSame(String member, ApiObject updated, ApiObject old) {
        JsonNode after = updated.at("spec." + member);
        JsonNode before = old.at("spec." + member);
        return Json.same(after, before) || (!Json.isPresent(after) && !Json.isPresent(before));
    }

    private static void dropIfSame(String member, ApiObject updated, ApiObject old) {
        if (isSame(member, updated, old)) {
            updated.spec().remove(member);
        }
    }
}
