package dev.coracle.apiserver.registry.batch;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.core.pod.TemplateColumns;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** CronJobs. */
public final class CronJobs {

    /** Leaves room for the eleven characters a Job's name has more. */
    private static final int MAX_NAME = 52;

    private CronJobs() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "batch",
                                        "v1",
                                        "CronJob",
                                        "cronjobs",
                                        "io.k8s.api.batch.v1.CronJob")
                                .withShortNames("cj")
                                .inCategory("all")
                                .with(Subresource.STATUS))
                .printedBy(columns())
                .named(CronJobs::name)
                .defaults(CronJobs::defaults)
                .withGeneration()
                .rules(object -> rules(object.in("spec")))
                .build();
    }

    private static Columns columns() {
        return TemplateColumns.wide(
                        Columns.named()
                                .text("Schedule", object -> object.text("spec.schedule"))
                                .textOrNone("Timezone", object -> object.text("spec.timeZone"))
                                .text(
                                        "Suspend",
                                        object ->
                                                object.at("spec.suspend").asBoolean(false)
                                                        ? "True"
                                                        : "False")
                                .integer("Active", object -> object.at("status.active").size())
                                .since("Last Schedule", "status.lastScheduleTime")
                                .age(),
                        "spec.jobTemplate.spec.template")
                .text(
                        "Selector",
                        object -> Selectors.print(object.at("spec.jobTemplate.spec.selector")))
                .wide();
    }

    private static @Nullable String name(String name) {
        return name.length() > MAX_NAME
                ? "must be no more than " + MAX_NAME + " characters"
                : Names.subdomain(name);
    }

    private static void defaults(ApiObject object) {
        ObjectNode spec = object.spec();
        Json.setDefault(spec, "concurrencyPolicy", "Allow");
        if (!spec.has("suspend")) {
            spec.put("suspend", false);
        }
        Json.setDefault(spec, "successfulJobsHistoryLimit", 3);
        Json.setDefault(spec, "failedJobsHistoryLimit", 1);
        // a Job's own defaults are set when it is made
        PodTemplates.applyDefaults(object.at("spec.jobTemplate.spec.template"));
    }

    private static void rules(Check spec) {
        spec.required("schedule")
                .supported("concurrencyPolicy", "Allow", "Forbid", "Replace")
                .notNegative("startingDeadlineSeconds")
                .notNegative("successfulJobsHistoryLimit")
                .notNegative("failedJobsHistoryLimit");
        schedule(spec);
        timeZone(spec);
        Check job = spec.in("jobTemplate.spec");
        if (job.node().isObject()) {
            JobRules.checkTemplate(job);
            if (job.has("selector")) {
                job.invalid("selector", "`selector` will be auto-generated");
            }
            if (job.node().path("manualSelector").asBoolean(false)) {
                job.add(
                        FieldError.notSupported(
                                job.path("manualSelector"),
                                job.node().path("manualSelector"),
                                List.of("nil", "false")));
            }
        }
    }

    private static void schedule(Check spec) {
        String schedule = spec.text("schedule");
        if (schedule.isEmpty()) {
            return;
        }
        if (schedule.contains("TZ")) {
            spec.invalid(
                    "schedule",
                    spec.has("timeZone")
                            ? "cannot use both timeZone field and TZ or CRON_TZ in schedule"
                            : "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            return;
        }
        @Nullable String wrong = CronSchedule.check(schedule);
        if (wrong != null) {
            spec.invalid("schedule", wrong);
        }
    }

    private static void timeZone(Check spec) {
        JsonNode zone = spec.node().path("timeZone");
        if (zone.isMissingNode()) {
            return;
        }
        String name = zone.asString("");
        if (name.isEmpty()) {
            spec.invalid("timeZone", "timeZone must be nil or non-empty string");
        } else if (name.toLowerCase(Locale.ROOT).equals("local")) {
            spec.invalid(
                    "timeZone",
                    "timeZone must be an explicit time zone as defined in"
                            + " https://www.iana.org/time-zones");
        } else if (!ZoneId.getAvailableZoneIds().contains(name)) {
            spec.invalid("timeZone", "unknown time zone " + name);
        }
    }
}
