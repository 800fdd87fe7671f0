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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Services. */
public final class ServiceStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                            "", "v1", "Service", "services", "io.k8s.api.core.v1.Service")
                    .withShortNames("svc")
                    .inCategory("all")
                    .with(Subresource.STATUS, Subresource.PROXY);

    private static final int AFFINITY_SECONDS = 10800;

    private final ServiceAllocation allocation;

    public ServiceStrategy(ClusterIpAllocator addresses, NodePortAllocator ports) {
        allocation = new ServiceAllocation(addresses, ports);
    }

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
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
            dropZero(port, "nodePort");
            JsonNode target = port.path("targetPort");
            if (!Json.isPresent(target) || target.equals(port.numberNode(0))) {
                Json.setOrRemove(port, "targetPort", port.path("port"));
            }
        }
        dropZero(spec, "healthCheckNodePort");
        if (!ServiceTypes.isExternalName(service)) {
            Json.setDefault(spec, "internalTrafficPolicy", "Cluster");
        }
        if (ServiceTypes.isReachableFromOutside(service)) {
            Json.setDefault(spec, "externalTrafficPolicy", "Cluster");
        }
        if (ServiceTypes.isLoadBalancer(service) && !spec.has("allocateLoadBalancerNodePorts")) {
            spec.put("allocateLoadBalancerNodePorts", true);
        }
    }

    @Override
    public void prepareForCreate(ApiObject service) {
        service.tree().remove("status");
        service.status().putObject("loadBalancer");
        ServiceUpdates.alignNew(service);
        ServiceFamilies.complete(service, null);
    }

    @Override
    public void prepareForUpdate(ApiObject updated, ApiObject old) {
        ServiceUpdates.apply(updated, old);
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
                    if (status.has("ingress") && !ServiceTypes.isLoadBalancer(updated)) {
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
    public void follow(@Nullable ApiObject old, @Nullable ApiObject now) {
        allocation.follow(old, now);
    }

    @Override
    public boolean answersDeleteWithObject() {
        return true;
    }

    /**
     * Gives back addresses and ports that no Service holds, found so twice in a row.
     *
     * @param reserved addresses held by others
     */
    public void repair(Collection<ApiObject> services, Set<String> reserved) {
        allocation.repair(services, reserved);
    }

    /** A zero says nothing. */
    private static void dropZero(ObjectNode object, String member) {
        JsonNode value = object.path(member);
        if (value.isNumber() && value.asInt() == 0) {
            object.remove(member);
        }
    }
}
