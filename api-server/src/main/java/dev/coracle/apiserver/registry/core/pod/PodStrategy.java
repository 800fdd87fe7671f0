package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Pods. */
public final class PodStrategy implements ResourceStrategy {

    @Override
    public ResourceDefinition definition() {
        return ResourceDefinition.namespaced("", "v1", "Pod", "pods", "io.k8s.api.core.v1.Pod")
                .withShortNames("po")
                .inCategory("all")
                .with(Subresource.STATUS, Subresource.BINDING, Subresource.EVICTION);
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
    }

    @Override
    public List<FieldError> validate(ApiObject pod) {
        return Check.object(
                pod,
                whole -> {
                    whole.addAll(PodSpecValidator.validate(pod.spec(), "spec"));
                    if (whole.has("spec.ephemeralContainers")) {
                        whole.in("spec")
                                .forbidden("ephemeralContainers", "cannot be set on create");
                    }
                });
    }

    /** Only images, deadlines and added tolerations of a pod may change. */
    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        if (mutableRemoved(updated).equals(mutableRemoved(old))) {
            return List.of();
        }
        return List.of(
                FieldError.forbidden(
                        "spec",
                        "pod updates may not change fields other than `spec.containers[*].image`,"
                                + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`"
                                + " (only additions to existing tolerations),"
                                + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
                                + " previously negative)"));
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

    private static JsonNode mutableRemoved(ApiObject pod) {
        ObjectNode spec = pod.spec().deepCopy();
        spec.remove(List.of("activeDeadlineSeconds", "tolerations"));
        PodDefaults.containers(spec).forEach(container -> container.remove("image"));
        return spec;
    }

    /** Guaranteed, Burstable or BestEffort (Kubernetes: Pod Quality of Service Classes). */
    private static String qosClass(ApiObject pod) {
        boolean any = false;
        boolean guaranteed = true;
        for (ObjectNode container : PodDefaults.containers(pod.spec())) {
            JsonNode limits = Json.at(container, "resources.limits");
            JsonNode requests = Json.at(container, "resources.requests");
            any |= Json.isPresent(limits) || Json.isPresent(requests);
            guaranteed &= limits.has("cpu") && limits.has("memory") && limits.equals(requests);
        }
        if (!any) {
            return "BestEffort";
        }
        return guaranteed ? "Guaranteed" : "Burstable";
    }
}
