package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What may change in a pod's spec: images, a deadline that comes nearer, tolerations that are
 * added, gates that are opened, and while there are gates where the pod may go.
 */
final class PodUpdateRules {

    private PodUpdateRules() {}

    static List<FieldError> check(ApiObject updated, ApiObject old) {
        List<FieldError> errors = new ArrayList<>();
        tolerations(updated, old, errors);
        gates(updated, old, errors);
        deadline(updated, old, errors);
        boolean gated = !old.at("spec.schedulingGates").isEmpty();
        if (!fixed(updated, gated).equals(fixed(old, gated))) {
            errors.add(
                    FieldError.forbidden(
                            "spec",
                            "pod updates may not change fields other than"
                                    + " `spec.containers[*].image`,`spec.initContainers[*].image`,"
                                    + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions"
                                    + " to existing tolerations),`spec.terminationGracePeriodSeconds`"
                                    + " (allow it to be set to 1 if it was previously negative)"));
        }
        return errors;
    }

    private static JsonNode fixed(ApiObject pod, boolean gated) {
        ObjectNode spec = pod.spec().deepCopy();
        spec.remove(List.of("activeDeadlineSeconds", "tolerations", "schedulingGates"));
        if (gated) {
            spec.remove(List.of("nodeSelector", "affinity"));
        }
        PodDefaults.containers(spec).forEach(container -> container.remove("image"));
        return spec;
    }

    private static void tolerations(ApiObject updated, ApiObject old, List<FieldError> errors) {
        Set<ObjectNode> present =
                Json.objects(updated.at("spec.tolerations")).stream()
                        .map(PodUpdateRules::withoutSeconds)
                        .collect(Collectors.toSet());
        for (ObjectNode toleration : Json.objects(old.at("spec.tolerations"))) {
            if (!present.contains(withoutSeconds(toleration))) {
                errors.add(
                        FieldError.forbidden(
                                "spec.tolerations",
                                "existing toleration can not be modified except its"
                                        + " tolerationSeconds"));
                return;
            }
        }
    }

    private static ObjectNode withoutSeconds(ObjectNode toleration) {
        ObjectNode copy = toleration.deepCopy();
        copy.remove("tolerationSeconds");
        return copy;
    }

    private static void gates(ApiObject updated, ApiObject old, List<FieldError> errors) {
        Set<String> before =
                Json.objects(old.at("spec.schedulingGates")).stream()
                        .map(gate -> Json.text(gate, "name"))
                        .collect(Collectors.toSet());
        int i = 0;
        for (ObjectNode gate : Json.objects(updated.at("spec.schedulingGates"))) {
            String name = Json.text(gate, "name");
            if (!before.contains(name)) {
                errors.add(
                        FieldError.forbidden(
                                "spec.schedulingGates[" + i + "].name",
                                "only deletion is allowed, but found new scheduling gate '"
                                        + name
                                        + "'"));
            }
            i++;
        }
    }

    private static void deadline(ApiObject updated, ApiObject old, List<FieldError> errors) {
        JsonNode before = old.at("spec.activeDeadlineSeconds");
        JsonNode after = updated.at("spec.activeDeadlineSeconds");
        if (!before.isNumber()) {
            return;
        }
        if (!after.isNumber()) {
            errors.add(
                    FieldError.invalid(
                            "spec.activeDeadlineSeconds",
                            "null",
                            "must not update from a positive integer to nil value"));
        } else if (after.asLong() > before.asLong()) {
            errors.add(
                    FieldError.invalid(
                            "spec.activeDeadlineSeconds",
                            after,
                            "must be less than or equal to previous value"));
        }
    }
}
