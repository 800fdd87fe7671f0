package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.PodDefaults;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** ReplicaSets. */
public final class ReplicaSetStrategy implements ResourceStrategy {

    @Override
    public ResourceDefinition definition() {
        return ResourceDefinition.namespaced(
                        "apps", "v1", "ReplicaSet", "replicasets", "io.k8s.api.apps.v1.ReplicaSet")
                .withShortNames("rs")
                .inCategory("all")
                .with(Subresource.STATUS, Subresource.SCALE);
    }

    @Override
    public TablePrinter table() {
        return new WorkloadPrinter(
                List.of(
                        Column.integer("Desired"),
                        Column.integer("Current"),
                        Column.integer("Ready")),
                object ->
                        List.of(
                                object.at("spec.replicas").asInt(0),
                                object.at("status.replicas").asInt(0),
                                object.at("status.readyReplicas").asInt(0)));
    }

    @Override
    public void applyDefaults(ApiObject object) {
        ObjectNode spec = object.spec();
        Json.setDefault(spec, "replicas", 1);
        if (spec.path("template") instanceof ObjectNode template) {
            PodDefaults.apply(Json.object(template, "spec"));
        }
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        object.tree().remove("status");
        object.status().put("replicas", 0);
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        return WorkloadValidator.validate(object);
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return Metadata.immutable(updated, old, "spec.selector");
    }
}
