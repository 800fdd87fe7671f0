package dev.coracle.apiserver.registry.batch;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A Job's spec, on its own and inside a CronJob. */
final class JobRules {

    private static final int MAX_PARALLELISM_WHEN_INDEXED = 100_000;

    private JobRules() {}

    static void applyDefaults(ObjectNode spec) {
        if (!spec.has("completions") && !spec.has("parallelism")) {
            spec.put("completions", 1).put("parallelism", 1);
        }
        Json.setDefault(spec, "parallelism", 1);
        if (!spec.has("backoffLimit")) {
            spec.put("backoffLimit", spec.has("backoffLimitPerIndex") ? Integer.MAX_VALUE : 6);
        }
        Json.setDefault(spec, "completionMode", "NonIndexed");
        for (String flag : List.of("suspend", "manualSelector")) {
            if (!spec.has(flag)) {
                spec.put(flag, false);
            }
        }
        Json.setDefault(
                spec,
                "podReplacementPolicy",
                spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
        for (ObjectNode rule : Json.objects(Json.at(spec, "podFailurePolicy.rules"))) {
            Json.objects(rule.path("onPodConditions"))
                    .forEach(pattern -> Json.setDefault(pattern, "status", "True"));
        }
        PodTemplates.applyDefaults(spec.path("template"));
    }

    /** Checks a Job that has its selector; {@code uid} is the Job's. */
    static void check(Check spec, String uid) {
        checkTemplate(spec);
        JsonNode selector = spec.node().path("selector");
        spec.required("selector").selector("selector");
        if (!spec.node().path("manualSelector").asBoolean(false)
                && selector.isObject()
                && !selector.equals(generated(uid))) {
            spec.invalid("selector", "`selector` not auto-generated");
        }
        JsonNode labels = Json.at(spec.node(), "template.metadata.labels");
        if (selector.isObject() && !Selectors.matches(selector, Json.textMap(labels))) {
            spec.add(
                    FieldError.invalid(
                            spec.path("template.metadata.labels"),
                            labels.isMissingNode() ? Json.newObject() : labels,
                            "`selector` does not match template `labels`"));
        }
    }

    private static ObjectNode generated(String uid) {
        ObjectNode selector = Json.newObject();
        selector.putObject("matchLabels").put("batch.kubernetes.io/controller-uid", uid);
        return selector;
    }

    /** Checks a Job's spec without its selector. */
    static void checkTemplate(Check spec) {
        spec.notNegative("parallelism")
                .notNegative("completions")
                .notNegative("activeDeadlineSeconds")
                .notNegative("backoffLimit")
                .notNegative("backoffLimitPerIndex")
                .notNegative("maxFailedIndexes")
                .notNegative("ttlSecondsAfterFinished")
                .supported("completionMode", "Indexed", "NonIndexed")
                .supported("podReplacementPolicy", "Failed", "TerminatingOrFailed")
                .shaped("managedBy", Names::domainPrefixedPath);
        boolean indexed = spec.text("completionMode").equals("Indexed");
        if (indexed) {
            spec.given("completions", "when completion mode is Indexed");
            if (spec.node().path("parallelism").asLong(0) > MAX_PARALLELISM_WHEN_INDEXED) {
                spec.invalid(
                        "parallelism",
                        "must be less than or equal to "
                                + MAX_PARALLELISM_WHEN_INDEXED
                                + " when completion mode is Indexed");
            }
        } else {
            for (String member : List.of("backoffLimitPerIndex", "successPolicy")) {
                if (spec.node().has(member)) {
                    spec.invalid(member, "requires indexed completion mode");
                }
            }
        }
        if (spec.node().has("maxFailedIndexes") && !spec.node().has("backoffLimitPerIndex")) {
            spec.add(
                    FieldError.required(
                            spec.path("backoffLimitPerIndex"),
                            "when maxFailedIndexes is specified"));
        }
        PodTemplates.check(spec.in("template"));
        String restart = spec.text("template.spec.restartPolicy");
        if (spec.node().path("template").isObject()
                && !restart.equals("OnFailure")
                && !restart.equals("Never")) {
            spec.add(
                    FieldError.required(
                            spec.path("template.spec.restartPolicy"),
                            "valid values: \"OnFailure\", \"Never\""));
        }
        spec.ifPresent("podFailurePolicy", policy -> failurePolicy(policy, restart));
        spec.ifPresent(
                "successPolicy",
                policy ->
                        policy.required(
                                "rules",
                                "at least one rules must be specified when the successPolicy is specified"));
    }

    private static void failurePolicy(Check policy, String restart) {
        if (!restart.equals("Never")) {
            policy.add(
                    FieldError.invalid(
                            "spec.template.spec.restartPolicy",
                            restart,
                            "only \"Never\" is supported when podFailurePolicy is specified"));
        }
        policy.each(
                "rules",
                rule -> {
                    rule.required("action")
                            .supported("action", "Count", "FailIndex", "FailJob", "Ignore");
                    boolean codes = rule.node().path("onExitCodes").isObject();
                    boolean conditions = !rule.node().path("onPodConditions").isEmpty();
                    if (codes && conditions) {
                        rule.invalid(
                                "specifying both OnExitCodes and OnPodConditions is not supported");
                    } else if (!codes && !conditions) {
                        rule.invalid(
                                "specifying one of OnExitCodes and OnPodConditions is required");
                    }
                    rule.ifPresent(
                            "onExitCodes",
                            on -> {
                                on.supported("operator", "In", "NotIn");
                                on.required("values", "at least one value is required");
                            });
                });
    }

    static List<FieldError> onUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors =
                new ArrayList<>(
                        Metadata.immutable(
                                updated,
                                old,
                                "spec.selector",
                                "spec.completionMode",
                                "spec.podFailurePolicy",
                                "spec.backoffLimitPerIndex",
                                "spec.successPolicy",
                                "spec.managedBy"));
        JsonNode completions = updated.at("spec.completions");
        if (!completions.equals(old.at("spec.completions"))) {
            if (!updated.text("spec.completionMode").equals("Indexed")) {
                errors.addAll(Metadata.immutable(updated, old, "spec.completions"));
            } else if (!completions.equals(updated.at("spec.parallelism"))) {
                errors.add(
                        FieldError.invalid(
                                "spec.completions",
                                completions,
                                "can only be modified in tandem with spec.parallelism"));
            }
        }
        boolean placed = old.at("status.startTime").isMissingNode();
        if (!(old.at("spec.suspend").asBoolean(false) && placed)) {
            errors.addAll(Metadata.immutable(updated, old, "spec.template"));
        } else if (!withoutPlacement(updated).equals(withoutPlacement(old))) {
            errors.add(
                    FieldError.invalid(
                            "spec.template", updated.at("spec.template"), "field is immutable"));
        }
        return errors;
    }

    /** A Job that has never run may still be told where to run. */
    private static JsonNode withoutPlacement(ApiObject job) {
        JsonNode template = job.at("spec.template").deepCopy();
        if (template.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(List.of("labels", "annotations"));
        }
        if (template.path("spec") instanceof ObjectNode spec) {
            spec.remove(List.of("nodeSelector", "tolerations", "affinity", "schedulingGates"));
        }
        return template;
    }
}
