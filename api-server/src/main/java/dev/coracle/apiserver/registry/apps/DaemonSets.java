package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.core.pod.TemplateColumns;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import tools.jackson.databind.node.ObjectNode;

/** DaemonSets. */
public final class DaemonSets {

    /** The template's own generation, which apps/v1 keeps in an annotation. */
    private static final String TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

    private DaemonSets() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "apps",
                                        "v1",
                                        "DaemonSet",
                                        "daemonsets",
                                        "io.k8s.api.apps.v1.DaemonSet")
                                .withShortNames("ds")
                                .inCategory("all")
                                .with(Subresource.STATUS))
                .printedBy(columns())
                .defaults(DaemonSets::defaults)
                .onCreate(object -> {
                    annotate(object, 1);
                    for (String count :
                            new String[] {
                                "currentNumberScheduled",
                                "numberMisscheduled",
                                "desiredNumberScheduled",
                                "numberReady"
                            }) {
                        object.status().put(count, 0);
                    }
                })
                .onUpdate((updated, old) -> {
                    boolean same = updated.at("spec.template").equals(old.at("spec.template"));
                    annotate(updated, templateGeneration(old) + (same ? 0 : 1));
                })
                .withGeneration()
                .rules(object -> rules(object.in("spec")))
                .statusRules(status ->
                        status.notNegative("currentNumberScheduled")
                                .notNegative("numberMisscheduled")
                                .notNegative("desiredNumberScheduled")
                                .notNegative("numberReady")
                                .notNegative("updatedNumberScheduled")
                                .notNegative("numberAvailable")
                                .notNegative("numberUnavailable"))
                .immutable("spec.selector")
                .build();
    }

    private static Columns columns() {
        return TemplateColumns.wide(
                        count(
                                        count(
                                                count(
                                                        count(
                                                                count(
                                                                        Columns.named(),
                                                                        "Desired",
                                                                        "desiredNumberScheduled"),
                                                                "Current",
                                                                "currentNumberScheduled"),
                                                        "Ready",
                                                        "numberReady"),
                                                "Up-to-date",
                                                "updatedNumberScheduled"),
                                        "Available",
                                        "numberAvailable")
                                .text(
                                        "Node Selector",
                                        object ->
                                                Selectors.printLabels(
                                                        object.at(
                                                                "spec.template.spec.nodeSelector")))
                                .age(),
                        "spec.template")
                .text("Selector", object -> Selectors.print(object.at("spec.selector")))
                .wide();
    }

    private static Columns count(Columns columns, String name, String member) {
        return columns.integer(name, object -> object.at("status." + member).asInt(0));
    }

    private static void defaults(ApiObject object) {
        ObjectNode spec = object.spec();
        ObjectNode strategy = Json.object(spec, "updateStrategy");
        Json.setDefault(strategy, "type", "RollingUpdate");
        if (Json.text(strategy, "type").equals("RollingUpdate")) {
            ObjectNode rolling = Json.object(strategy, "rollingUpdate");
            Json.setDefault(rolling, "maxUnavailable", 1);
            Json.setDefault(rolling, "maxSurge", 0);
        }
        Json.setDefault(spec, "revisionHistoryLimit", 10);
        PodTemplates.applyDefaults(spec.path("template"));
    }

    private static void rules(Check spec) {
        WorkloadRules.check(spec, "daemonset", "DaemonSet");
        Check strategy = spec.in("updateStrategy");
        strategy.supported("type", "OnDelete", "RollingUpdate");
        if (!strategy.node().has("rollingUpdate")) {
            return;
        }
        Check rolling = strategy.in("rollingUpdate");
        rolling.countOrPercent("maxUnavailable").countOrPercent("maxSurge");
        boolean noneDown = rolling.text("maxUnavailable").matches("0%?");
        boolean noneMore = rolling.text("maxSurge").matches("0%?");
        if (noneDown && noneMore) {
            rolling.add(
                    FieldError.required(
                            rolling.path("maxUnavailable"), "cannot be 0 when maxSurge is 0"));
        } else if (!noneDown && !noneMore) {
            rolling.invalid("maxSurge", "may not be set when maxUnavailable is non-zero");
        }
    }

    private static void annotate(ApiObject object, long generation) {
        Json.object(object.metadata(), "annotations")
                .put(TEMPLATE_GENERATION, Long.toString(generation));
    }

    private static long templateGeneration(ApiObject object) {
        String text = object.annotations().getOrDefault(TEMPLATE_GENERATION, "1");
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 1;
    }
}
