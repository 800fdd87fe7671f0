package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.FieldError;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What the workloads have in common: a selector and a pod template that it matches. */
final class WorkloadRules {

    private WorkloadRules() {}

    /**
     * Checks a workload's spec.
     *
     * @param selects the kind as the message about an empty selector has it
     * @param owner the kind as messages about the template have it
     */
    static void check(Check spec, String selects, String owner) {
        spec.notNegative("replicas")
                .notNegative("minReadySeconds")
                .notNegative("revisionHistoryLimit")
                .selector("selector");
        JsonNode selector = spec.node().path("selector");
        boolean empty = selector.isObject() && Selectors.isEmpty(selector);
        if (empty) {
            spec.invalid("selector", "empty selector is invalid for " + selects);
        }
        Check template = spec.in("template");
        JsonNode labels = Json.at(template.node(), "metadata.labels");
        if (template.node().isObject()
                && selector.isObject()
                && !empty
                && !Selectors.matches(selector, Json.textMap(labels))) {
            template.add(
                    FieldError.invalid(
                            template.path("metadata.labels"),
                            labels.isMissingNode() ? Json.newObject() : labels,
                            "`selector` does not match template `labels`"));
        }
        PodTemplates.checkAlwaysRunning(template, owner, claims(spec.node()));
    }

    /** The volumes that a StatefulSet's pods get by their claims. */
    private static Set<String> claims(JsonNode spec) {
        return Json.objects(spec.path("volumeClaimTemplates")).stream()
                .map(claim -> Json.text(claim, "metadata.name"))
                .collect(Collectors.toSet());
    }
}
