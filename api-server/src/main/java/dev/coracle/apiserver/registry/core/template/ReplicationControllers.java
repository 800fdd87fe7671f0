package dev.coracle.apiserver.registry.core.template;

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
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** ReplicationControllers. Their selector is a plain map of labels. */
public final class ReplicationControllers {

    private ReplicationControllers() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "",
                                        "v1",
                                        "ReplicationController",
                                        "replicationcontrollers",
                                        "io.k8s.api.core.v1.ReplicationController")
                                .withShortNames("rc")
                                .inCategory("all")
                                .with(Subresource.STATUS, Subresource.SCALE))
                .printedBy(columns())
                .defaults(ReplicationControllers::defaults)
                .onCreate(object -> object.status().put("replicas", 0))
                .selectableBy(object ->
                        Map.of("status.replicas", object.at("status.replicas").asString("0")))
                .withGeneration()
                .orphansDependents()
                .statusRules(status ->
                        status.counts(
                                "replicas",
                                "fullyLabeledReplicas",
                                "readyReplicas",
                                "availableReplicas"))
                .rules(object -> rules(object.in("spec")))
                .build();
    }

    private static Columns columns() {
        return TemplateColumns.wide(
                        Columns.named()
                                .integer("Desired", object -> object.at("spec.replicas").asInt(0))
                                .integer("Current", object -> object.at("status.replicas").asInt(0))
                                .integer(
                                        "Ready",
                                        object -> object.at("status.readyReplicas").asInt(0))
                                .age(),
                        "spec.template")
                .text("Selector", object -> Selectors.printLabels(object.at("spec.selector")))
                .wide();
    }

    private static void defaults(ApiObject object) {
        ObjectNode spec = object.spec();
        JsonNode labels = object.at("spec.template.metadata.labels");
        if (labels.isObject() && !labels.isEmpty()) {
            if (spec.path("selector").isEmpty()) {
                spec.set("selector", labels.deepCopy());
            }
            if (object.at("metadata.labels").isEmpty()) {
                object.metadata().set("labels", labels.deepCopy());
            }
        }
        Json.setDefault(spec, "replicas", 1);
        PodTemplates.applyDefaults(spec.path("template"));
    }

    private static void rules(Check spec) {
        spec.notNegative("replicas").notNegative("minReadySeconds");
        spec.required("selector").required("template");
        Check template = spec.in("template");
        Map<String, String> labels = Json.textMap(Json.at(template.node(), "metadata.labels"));
        Map<String, String> selector = Json.textMap(spec.node().path("selector"));
        if (template.node().isObject() && !labels.entrySet().containsAll(selector.entrySet())) {
            template.add(
                    FieldError.invalid(
                            template.path("metadata.labels"),
                            Json.MAPPER.valueToTree(labels),
                            "`selector` does not match template `labels`"));
        }
        PodTemplates.checkAlwaysRunning(template, "ReplicationController", Set.of());
    }
}
