package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Reservation;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.LoadBalancers;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Services. */
public final class ServiceStrategy implements ResourceStrategy {

    private static final int AFFINITY_SECONDS = 10800;

    private final ServiceAllocation allocation;

    public ServiceStrategy(ClusterIpAllocator addresses, NodePortAllocator ports) {
        allocation = new ServiceAllocation(addresses, ports);
    }

    @Override
    public ResourceDefinition definition() {
        return ResourceDefinition.namespaced(
                        "", "v1", "Service", "services", "io.k8s.api.core.v1.Service")
                .withShortNames("svc")
                .inCategory("all")
                .with(Subresource.STATUS);
    }

    @Override
    public TablePrinter table() {
        return new ServicePrinter();
    }

    @Override
    public Map<String, String> selectableFields(ApiObject service) {
        return Map.of(
                "spec.clusterIP", service.text("spec.clusterIP"),
                "spec.type", service.text("spec.type"));
    }

    @Override
    public void applyDefaults(ApiObject service) {
        ObjectNode spec = service.spec();
        Json.setDefault(spec, "type", "ClusterIP");
        Json.setDefault(spec, "sessionAffinity", "None");
        if (Json.text(spec, "sessionAffinity").equals("ClientIP")) {
            Json.setDefault(
                    Json.object(Json.object(spec, "sessionAffinityConfig"), "clientIP"),
                    "timeoutSeconds",
                    AFFINITY_SECONDS);
        } else {
            spec.remove("sessionAffinityConfig");
        }
        for (ObjectNode port : Json.objects(spec.path("ports"))) {
            Json.setDefault(port, "protocol", "TCP");
            JsonNode target = port.path("targetPort");
            if (!Json.isPresent(target) || target.equals(port.numberNode(0))) {
                Json.setOrRemove(port, "targetPort", port.path("port"));
            }
        }
        String type = Json.text(spec, "type");
        if (!type.equals("ExternalName")) {
            Json.setDefault(spec, "internalTrafficPolicy", "Cluster");
            Json.setDefault(spec, "ipFamilyPolicy", "SingleStack");
            if (!Json.isPresent(spec.path("ipFamilies"))) {
                spec.putArray("ipFamilies").add("IPv4");
            }
            addresses(spec);
        }
        if (mayHaveNodePorts(service)) {
            Json.setDefault(spec, "externalTrafficPolicy", "Cluster");
        }
        if (type.equals("LoadBalancer") && !spec.has("allocateLoadBalancerNodePorts")) {
            spec.put("allocateLoadBalancerNodePorts", true);
        }
    }

    @Override
    public void prepareForCreate(ApiObject service) {
        service.tree().remove("status");
        service.status().putObject("loadBalancer");
    }

    /**
     * Keeps what was allocated where the client left it out, and drops what the new type has no use
     * for.
     */
    @Override
    public void prepareForUpdate(ApiObject updated, ApiObject old) {
        ObjectNode spec = updated.spec();
        String type = updated.text("spec.type");
        if (type.equals("ExternalName")) {
            // the address is dropped with the type, unless the client asks for another one
            if (updated.at("spec.clusterIP").equals(old.at("spec.clusterIP"))) {
                spec.remove(List.of("clusterIP", "clusterIPs"));
            }
            spec.remove(List.of("ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"));
        } else if (!Json.isPresent(spec.path("clusterIP"))
                && Json.isPresent(old.at("spec.clusterIP"))) {
            spec.set("clusterIP", old.at("spec.clusterIP"));
            addresses(spec);
        }
        if (wantsNodePorts(updated)) {
            keepNodePorts(updated, old);
        } else if (mayHaveNodePorts(old) && !mayHaveNodePorts(updated)) {
            Json.objects(spec.path("ports")).forEach(port -> port.remove("nodePort"));
            spec.remove(
                    List.of(
                            "externalTrafficPolicy",
                            "healthCheckNodePort",
                            "allocateLoadBalancerNodePorts"));
        }
        if (!type.equals("LoadBalancer")) {
            spec.remove(List.of("allocateLoadBalancerNodePorts", "loadBalancerClass"));
            updated.status().putObject("loadBalancer");
        }
    }

    @Override
    public @Nullable String validateName(String name) {
        return Names.label1035(name);
    }

    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        return Check.object(
                updated,
                whole -> {
                    Check status = whole.in("status.loadBalancer");
                    LoadBalancers.check(status);
                    if (status.has("ingress")
                            && !updated.text("spec.type").equals("LoadBalancer")) {
                        status.forbidden(
                                "ingress", "may only be used when `spec.type` is \"LoadBalancer\"");
                    }
                });
    }

    @Override
    public List<FieldError> validate(ApiObject service) {
        return ServiceValidator.validate(service);
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return ServiceValidator.validateUpdate(updated, old);
    }

    @Override
    public Reservation allocate(
            ApiObject updated, @Nullable ApiObject old, List<FieldError> errors) {
        return allocation.allocate(updated, old, errors);
    }

    @Override
    public void release(ApiObject last) {
        allocation.release(last);
    }

    @Override
    public boolean allocates() {
        return true;
    }

    @Override
    public void restore(ApiObject stored) {
        allocation.restore(stored);
    }

    @Override
    public boolean answersDeleteWithObject() {
        return true;
    }

    static boolean mayHaveNodePorts(ApiObject service) {
        String type = service.text("spec.type");
        return type.equals("NodePort") || type.equals("LoadBalancer");
    }

    /** Whether every port must get a node port. */
    static boolean wantsNodePorts(ApiObject service) {
        return mayHaveNodePorts(service)
                && (service.text("spec.type").equals("NodePort")
                        || service.at("spec.allocateLoadBalancerNodePorts").asBoolean(true));
    }

    /** {@code clusterIP} and {@code clusterIPs} say the same. */
    private static void addresses(ObjectNode spec) {
        String address = Json.text(spec, "clusterIP");
        List<String> all = Json.texts(spec.path("clusterIPs"));
        if (address.isEmpty() && !all.isEmpty()) {
            spec.put("clusterIP", all.getFirst());
        } else if (!address.isEmpty() && all.isEmpty()) {
            spec.putArray("clusterIPs").add(address);
        } else if (address.isEmpty()) {
            spec.remove(List.of("clusterIP", "clusterIPs"));
        }
    }

    private static void keepNodePorts(ApiObject updated, ApiObject old) {
        for (ObjectNode port : Json.objects(updated.at("spec.ports"))) {
            if (port.path("nodePort").asInt(0) != 0) {
                continue;
            }
            for (ObjectNode before : Json.objects(old.at("spec.ports"))) {
                if (before.path("port").equals(port.path("port"))
                        && before.path("protocol").equals(port.path("protocol"))
                        && before.path("nodePort").asInt(0) != 0) {
                    port.set("nodePort", before.path("nodePort"));
                }
            }
        }
    }
}
