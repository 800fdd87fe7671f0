package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.core.pod.PodSpecValidator;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What Deployments and ReplicaSets have in common: replicas, a selector, a pod template that it
 * matches.
 */
final class WorkloadValidator {

    private WorkloadValidator() {}

    static List<FieldError> validate(ApiObject object) {
        List<FieldError> errors = new ArrayList<>();
        notNegative(object, "spec.replicas", errors);
        notNegative(object, "spec.minReadySeconds", errors);
        JsonNode selector = object.at("spec.selector");
        errors.addAll(Selectors.validate(selector, "spec.selector"));
        if (selector.isObject() && Selectors.isEmpty(selector)) {
            errors.add(
                    FieldError.invalid(
                            "spec.selector", selector, "empty selector is invalid for deployment"));
        }
        if (!(object.at("spec.template") instanceof ObjectNode template)) {
            return errors;
        }
        JsonNode labels = Json.at(template, "metadata.labels");
        errors.addAll(Metadata.labels(labels, "spec.template.metadata.labels"));
        if (selector.isObject()
                && !Selectors.isEmpty(selector)
                && !Selectors.matches(selector, Json.textMap(labels))) {
            errors.add(
                    FieldError.invalid(
                            "spec.template.metadata.labels",
                            labels.isMissingNode() ? Json.newObject() : labels,
                            "`selector` does not match template `labels`"));
        }
        ObjectNode podSpec = Json.object(template, "spec");
        errors.addAll(PodSpecValidator.validate(podSpec, "spec.template.spec"));
        String restart = Json.text(podSpec, "restartPolicy");
        if (!restart.equals("Always")) {
            errors.add(
                    FieldError.notSupported(
                            "spec.template.spec.restartPolicy", restart, List.of("Always")));
        }
        return errors;
    }

    static void notNegative(ApiObject object, String field, List<FieldError> errors) {
        JsonNode value = object.at(field);
        if (value.asLong(0) < 0) {
            errors.add(FieldError.invalid(field, value, "must be greater than or equal to 0"));
        }
    }
}
