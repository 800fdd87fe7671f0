package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Quantities;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Pods. */
public final class PodStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced("", "v1", "Pod", "pods", "io.k8s.api.core.v1.Pod")
                    .withShortNames("po")
                    .inCategory("all")
                    .with(
                            Subresource.STATUS,
                            Subresource.BINDING,
                            Subresource.EVICTION,
                            Subresource.EPHEMERAL_CONTAINERS,
                            Subresource.PROXY,
                            Subresource.LOG,
                            Subresource.EXEC,
                            Subresource.ATTACH,
                            Subresource.PORT_FORWARD);

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new PodPrinter();
    }

    @Override
    public Map<String, String> selectableFields(ApiObject pod) {
        return Map.of(
                "spec.nodeName", pod.text("spec.nodeName"),
                "spec.restartPolicy", pod.text("spec.restartPolicy"),
                "spec.schedulerName", pod.text("spec.schedulerName"),
                "spec.serviceAccountName", pod.text("spec.serviceAccountName"),
                "spec.hostNetwork", Boolean.toString(pod.at("spec.hostNetwork").asBoolean(false)),
                "status.phase", pod.text("status.phase"),
                "status.podIP", pod.text("status.podIP"),
                "status.nominatedNodeName", pod.text("status.nominatedNodeName"));
    }

    @Override
    public void applyDefaults(ApiObject pod) {
        PodDefaults.apply(pod.spec());
        if (!pod.spec().has("enableServiceLinks")) {
            pod.spec().put("enableServiceLinks", true);
        }
    }

    @Override
    public void prepareForCreate(ApiObject pod) {
        pod.tree().remove("status");
        pod.status().put("phase", "Pending").put("qosClass", qosClass(pod));
        if (!pod.at("spec.schedulingGates").isEmpty()) {
            pod.status()
                    .putArray("conditions")
                    .addObject()
                    .put("type", "PodScheduled")
                    .put("status", "False")
                    .put("reason", "SchedulingGated")
                    .put("message", "Scheduling is blocked due to non-empty scheduling gates")
                    .putNull("lastProbeTime")
                    .putNull("lastTransitionTime");
        }
    }

    @Override
    public List<FieldError> validate(ApiObject pod) {
        return Check.object(
                pod, whole -> whole.addAll(PodSpecValidator.validate(pod.spec(), "spec")));
    }

    @Override
    public List<FieldError> validateCreate(ApiObject pod) {
        List<FieldError> errors = new ArrayList<>(validate(pod));
        if (!pod.at("spec.ephemeralContainers").isMissingNode()) {
            errors.add(FieldError.forbidden("spec.ephemeralContainers", "cannot be set on create"));
        }
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return PodUpdateRules.check(updated, old);
    }

    @Override
    public long gracePeriodSeconds(ApiObject pod, @Nullable Long asked) {
        String phase = pod.text("status.phase");
        if (pod.text("spec.nodeName").isEmpty()
                || phase.equals("Failed")
                || phase.equals("Succeeded")) {
            return 0;
        }
        return asked != null
                ? Math.max(0, asked)
                : pod.at("spec.terminationGracePeriodSeconds").asLong(30);
    }

    @Override
    public boolean answersDeleteWithObject() {
        return true;
    }

    /** Guaranteed, Burstable or BestEffort (Kubernetes: Pod Quality of Service Classes). */
    private static String qosClass(ApiObject pod) {
        boolean any = false;
        boolean guaranteed = true;
        for (ObjectNode container : PodDefaults.containers(pod.spec())) {
            JsonNode limits = Json.at(container, "resources.limits");
            JsonNode requests = Json.at(container, "resources.requests");
            for (String resource : List.of("cpu", "memory")) {
                any |= limits.has(resource) || requests.has(resource);
                guaranteed &= limits.has(resource) && isSame(limits, requests, resource);
            }
        }
        if (!any) {
            return "BestEffort";
        }
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static boolean isSame(JsonNode limits, JsonNode requests, String resource) {
        Optional<BigDecimal> limit = Quantities.parse(limits.path(resource).asString(""));
        Optional<BigDecimal> request = Quantities.parse(requests.path(resource).asString(""));
        return limit.isPresent()
                && request.isPresent()
                && limit.get().compareTo(request.get()) == 0;
    }
}
