package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.core.pod.TemplateColumns;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.table.Columns;
import java.util.Map;

/** ReplicaSets. */
public final class ReplicaSets {

    private ReplicaSets() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "apps",
                                        "v1",
                                        "ReplicaSet",
                                        "replicasets",
                                        "io.k8s.api.apps.v1.ReplicaSet")
                                .withShortNames("rs")
                                .inCategory("all")
                                .with(Subresource.STATUS, Subresource.SCALE))
                .printedBy(
                        TemplateColumns.wide(
                                        Columns.named()
                                                .integer(
                                                        "Desired",
                                                        object ->
                                                                object.at("spec.replicas").asInt(0))
                                                .integer(
                                                        "Current",
                                                        object ->
                                                                object.at("status.replicas")
                                                                        .asInt(0))
                                                .integer(
                                                        "Ready",
                                                        object ->
                                                                object.at("status.readyReplicas")
                                                                        .asInt(0))
                                                .age(),
                                        "spec.template")
                                .text(
                                        "Selector",
                                        object -> Selectors.print(object.at("spec.selector")))
                                .wide())
                .defaults(object -> {
                    Json.setDefault(object.spec(), "replicas", 1);
                    PodTemplates.applyDefaults(object.at("spec.template"));
                })
                .onCreate(object -> object.status().put("replicas", 0))
                .selectableBy(object ->
                        Map.of("status.replicas", object.at("status.replicas").asString("0")))
                .withGeneration()
                .rules(object -> WorkloadRules.check(object.in("spec"), "deployment", "ReplicaSet"))
                .statusRules(status ->
                        status.counts(
                                "replicas",
                                "fullyLabeledReplicas",
                                "readyReplicas",
                                "availableReplicas"))
                .immutable("spec.selector")
                .build();
    }
}
