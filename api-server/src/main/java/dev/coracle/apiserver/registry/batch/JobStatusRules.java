package dev.coracle.apiserver.registry.batch;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a Job's status may become: several controllers may write it ({@code managedBy}), and clients
 * rely on an end being an end.
 */
final class JobStatusRules {

    private final ApiObject job;
    private final ApiObject old;
    private final List<FieldError> errors = new ArrayList<>();

    private JobStatusRules(ApiObject job, ApiObject old) {
        this.job = job;
        this.old = old;
    }

    static List<FieldError> check(ApiObject job, ApiObject old) {
        JobStatusRules rules = new JobStatusRules(job, old);
        rules.contradictions();
        rules.times();
        rules.finished();
        rules.indexes();
        rules.steps();
        return rules.errors;
    }

    private static boolean is(ApiObject job, String condition) {
        return Json.objects(job.at("status.conditions")).stream()
                .anyMatch(each ->
                        Json.text(each, "type").equals(condition)
                                && Json.text(each, "status").equals("True"));
    }

    private boolean changed(String... conditions) {
        for (String condition : conditions) {
            if (is(job, condition) != is(old, condition)) {
                return true;
            }
        }
        return false;
    }

    private boolean differs(String field) {
        return !job.at("status." + field).equals(old.at("status." + field));
    }

    private void conditions(String detail) {
        errors.add(new FieldError("status.conditions", FieldError.Type.INVALID, null, detail));
    }

    private void invalid(String field, String detail) {
        String path = "status." + field;
        errors.add(FieldError.invalid(path, job.at(path), detail));
    }

    private void contradictions() {
        boolean complete = is(job, "Complete");
        boolean failed = is(job, "Failed");
        boolean succeeding = is(job, "SuccessCriteriaMet");
        boolean failing = is(job, "FailureTarget");
        if (complete && failed && changed("Complete", "Failed")) {
            conditions("cannot set Complete=True and Failed=true conditions");
        }
        if (complete && failing && changed("Complete", "FailureTarget")) {
            conditions("cannot set Complete=True and FailureTarget=true conditions");
        }
        if (failed && !failing && changed("Failed", "FailureTarget")) {
            conditions("cannot set Failed=True condition without the FailureTarget=true condition");
        }
        if (complete && !succeeding && changed("Complete", "SuccessCriteriaMet")) {
            conditions(
                    "cannot set Complete=True condition without the SuccessCriteriaMet=true"
                            + " condition");
        }
        if (succeeding && failed) {
            conditions("cannot set SuccessCriteriaMet=True and Failed=true conditions");
        }
        if (succeeding && failing) {
            conditions("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        }
    }

    private void times() {
        boolean complete = is(job, "Complete");
        boolean anyTime = differs("startTime") || differs("completionTime");
        String start = job.text("status.startTime");
        String end = job.text("status.completionTime");
        if ((changed("Complete") || differs("completionTime")) && complete == end.isEmpty()) {
            if (complete) {
                errors.add(
                        FieldError.required(
                                "status.completionTime",
                                "completionTime is required for Complete jobs"));
            } else {
                invalid(
                        "completionTime",
                        "cannot set completionTime when there is no Complete=True condition");
            }
        }
        Instant from = instant(start);
        Instant to = instant(end);
        if (anyTime && from != null && to != null && to.isBefore(from)) {
            invalid("completionTime", "completionTime cannot be set before startTime");
        }
        String ended = old.text("status.completionTime");
        if (!end.isEmpty() && !ended.isEmpty() && !end.equals(ended)) {
            invalid("completionTime", "completionTime cannot be mutated");
        }
        if (!old.text("status.startTime").isEmpty()
                && differs("startTime")
                && !job.at("spec.suspend").asBoolean(false)) {
            errors.add(
                    FieldError.required(
                            "status.startTime", "startTime cannot be removed for unsuspended job"));
        }
    }

    private static @Nullable Instant instant(String text) {
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private void finished() {
        boolean finished = is(job, "Complete") || is(job, "Failed");
        boolean now = finished && !is(old, "Complete") && !is(old, "Failed");
        if (finished && (now || differs("active")) && job.at("status.active").asLong(0) > 0) {
            invalid("active", "active>0 is invalid for finished job");
        }
        if (finished && (now || differs("startTime")) && job.text("status.startTime").isEmpty()) {
            errors.add(
                    FieldError.required(
                            "status.startTime", "startTime is required for finished job"));
        }
        JsonNode uncounted = job.at("status.uncountedTerminatedPods");
        if (finished
                && (now || differs("uncountedTerminatedPods"))
                && uncounted.path("failed").size() + uncounted.path("succeeded").size() > 0) {
            invalid(
                    "uncountedTerminatedPods",
                    "uncountedTerminatedPods needs to be empty for finished job");
        }
        if (finished
                && (now || differs("terminating"))
                && job.at("status.terminating").asLong(0) > 0) {
            invalid("terminating", "terminating>0 is invalid for finished job");
        }
        if ((differs("ready") || differs("active"))
                && job.at("status.ready").asLong(0) > job.at("status.active").asLong(0)) {
            invalid("ready", "cannot set more ready pods than active");
        }
    }

    private void indexes() {
        if (differs("completedIndexes")
                && !job.text("status.completedIndexes").isEmpty()
                && !job.text("spec.completionMode").equals("Indexed")) {
            invalid(
                    "completedIndexes",
                    "cannot set non-empty completedIndexes when non-indexed completion mode");
        }
        if (differs("failedIndexes")
                && job.at("status.failedIndexes").isString()
                && !job.at("spec.backoffLimitPerIndex").isNumber()) {
            invalid(
                    "failedIndexes",
                    "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        }
    }

    /** What only goes one way. */
    private void steps() {
        for (String end : List.of("Failed", "Complete", "FailureTarget")) {
            if (is(old, end) && !is(job, end)) {
                conditions("cannot disable the terminal " + end + "=True condition");
            }
        }
        if (is(old, "SuccessCriteriaMet") && !is(job, "SuccessCriteriaMet")) {
            conditions("cannot disable the SuccessCriteriaMet=True condition");
        }
        if (job.at("status.failed").asLong(0) < old.at("status.failed").asLong(0)) {
            invalid("failed", "cannot decrease the failed counter");
        }
        boolean elastic =
                job.text("spec.completionMode").equals("Indexed")
                        && job.at("spec.completions").equals(job.at("spec.parallelism"));
        if (!elastic
                && job.at("status.succeeded").asLong(0) < old.at("status.succeeded").asLong(0)) {
            invalid("succeeded", "cannot decrease the succeeded counter");
        }
    }
}
