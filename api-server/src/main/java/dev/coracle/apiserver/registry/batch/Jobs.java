package dev.coracle.apiserver.registry.batch;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.TemplateColumns;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Columns;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Jobs. */
public final class Jobs {

    private static final String UID_LABEL = "batch.kubernetes.io/controller-uid";
    private static final String NAME_LABEL = "batch.kubernetes.io/job-name";

    /** The conditions that are a Job's status, the first that holds. */
    private static final List<String> ENDED = List.of("Complete", "Failed");

    private static final List<String> ENDING =
            List.of("Suspended", "FailureTarget", "SuccessCriteriaMet");

    private Jobs() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "batch", "v1", "Job", "jobs", "io.k8s.api.batch.v1.Job")
                                .inCategory("all")
                                .with(Subresource.STATUS))
                .printedBy(columns())
                .defaults(job -> JobRules.applyDefaults(job.spec()))
                .onCreate(Jobs::generateSelector)
                .selectableBy(job ->
                        Map.of("status.successful", job.at("status.succeeded").asString("0")))
                .withGeneration()
                .orphansDependents()
                .rules(job -> JobRules.check(job.in("spec"), job.text("metadata.uid")))
                .statusRules(status ->
                        status.notNegative("active")
                                .notNegative("succeeded")
                                .notNegative("failed")
                                .notNegative("ready")
                                .notNegative("terminating"))
                .statusUpdateRule(JobStatusRules::check)
                .updateRule(JobRules::onUpdate)
                .build();
    }

    private static Columns columns() {
        return TemplateColumns.wide(
                        Columns.named()
                                .text("Status", Jobs::status)
                                .text("Completions", Jobs::completions)
                                .timed("Duration", Jobs::duration)
                                .age(),
                        "spec.template")
                .text("Selector", job -> Selectors.print(job.at("spec.selector")))
                .wide();
    }

    private static String status(ApiObject job) {
        for (String type : ENDED) {
            if (holds(job, type)) {
                return type;
            }
        }
        if (job.isBeingDeleted()) {
            return "Terminating";
        }
        return ENDING.stream().filter(type -> holds(job, type)).findFirst().orElse("Running");
    }

    private static boolean holds(ApiObject job, String type) {
        return Json.objects(job.at("status.conditions")).stream()
                .anyMatch(condition ->
                        Json.text(condition, "type").equals(type)
                                && Json.text(condition, "status").equals("True"));
    }

    private static String completions(ApiObject job) {
        int succeeded = job.at("status.succeeded").asInt(0);
        JsonNode wanted = job.at("spec.completions");
        if (wanted.isNumber()) {
            return succeeded + "/" + wanted.asInt();
        }
        int parallelism = job.at("spec.parallelism").asInt(0);
        return parallelism > 1 ? succeeded + "/1 of " + parallelism : succeeded + "/1";
    }

    private static String duration(ApiObject job, Instant now) {
        String start = job.text("status.startTime");
        String end = job.text("status.completionTime");
        if (start.isEmpty()) {
            return "";
        }
        try {
            return end.isEmpty()
                    ? Ages.since(start, now)
                    : Ages.human(Duration.between(Instant.parse(start), Instant.parse(end)));
        } catch (DateTimeException e) {
            return "<invalid>";
        }
    }

    /** Without {@code manualSelector} a Job selects its pods by its own uid. */
    private static void generateSelector(ApiObject job) {
        if (job.at("spec.manualSelector").asBoolean(false)
                || !(job.at("spec.template") instanceof ObjectNode template)) {
            return;
        }
        ObjectNode labels = Json.object(Json.object(template, "metadata"), "labels");
        labels.put("controller-uid", job.uid()).put("job-name", job.name());
        labels.put(UID_LABEL, job.uid()).put(NAME_LABEL, job.name());
        Json.object(Json.object(job.spec(), "selector"), "matchLabels").put(UID_LABEL, job.uid());
    }
}
