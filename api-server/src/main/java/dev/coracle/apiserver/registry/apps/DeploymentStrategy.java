package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.core.pod.TemplateColumns;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Deployments. */
public final class DeploymentStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                            "apps",
                            "v1",
                            "Deployment",
                            "deployments",
                            "io.k8s.api.apps.v1.Deployment")
                    .withShortNames("deploy")
                    .inCategory("all")
                    .with(Subresource.STATUS, Subresource.SCALE);

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return TemplateColumns.wide(
                        Columns.named()
                                .text(
                                        "Ready",
                                        object ->
                                                object.at("status.readyReplicas").asInt(0)
                                                        + "/"
                                                        + object.at("spec.replicas").asInt(0))
                                .integer(
                                        "Up-to-date",
                                        object -> object.at("status.updatedReplicas").asInt(0))
                                .integer(
                                        "Available",
                                        object -> object.at("status.availableReplicas").asInt(0))
                                .age(),
                        "spec.template")
                .text("Selector", object -> Selectors.print(object.at("spec.selector")))
                .wide();
    }

    @Override
    public void applyDefaults(ApiObject object) {
        ObjectNode spec = object.spec();
        Json.setDefault(spec, "replicas", 1);
        Json.setDefault(spec, "revisionHistoryLimit", 10);
        Json.setDefault(spec, "progressDeadlineSeconds", 600);
        ObjectNode strategy = Json.object(spec, "strategy");
        Json.setDefault(strategy, "type", "RollingUpdate");
        if (Json.text(strategy, "type").equals("RollingUpdate")) {
            ObjectNode rolling = Json.object(strategy, "rollingUpdate");
            if (!rolling.has("maxUnavailable")) {
                rolling.put("maxUnavailable", "25%");
            }
            if (!rolling.has("maxSurge")) {
                rolling.put("maxSurge", "25%");
            }
        }
        PodTemplates.applyDefaults(spec.path("template"));
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        object.tree().putObject("status");
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        List<FieldError> errors =
                new ArrayList<>(
                        Check.object(
                                object,
                                whole ->
                                        WorkloadRules.check(
                                                whole.in("spec"), "deployment", "ReplicaSet")));
        JsonNode deadline = object.at("spec.progressDeadlineSeconds");
        if (deadline.asLong(0) <= object.at("spec.minReadySeconds").asLong(0)) {
            errors.add(
                    FieldError.invalid(
                            "spec.progressDeadlineSeconds",
                            deadline,
                            "must be greater than minReadySeconds"));
        }
        String type = object.text("spec.strategy.type");
        if (!List.of("Recreate", "RollingUpdate").contains(type)) {
            errors.add(
                    FieldError.notSupported(
                            "spec.strategy.type", type, List.of("Recreate", "RollingUpdate")));
        } else if (type.equals("Recreate") && object.at("spec.strategy").has("rollingUpdate")) {
            errors.add(
                    FieldError.forbidden(
                            "spec.strategy.rollingUpdate",
                            "may not be specified when strategy `type` is 'Recreate'"));
        }
        rolling(object, errors);
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return Metadata.immutable(updated, old, "spec.selector");
    }

    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        return Check.object(
                updated,
                whole -> {
                    Check status = whole.in("status");
                    status.counts(
                            "replicas", "updatedReplicas", "readyReplicas", "availableReplicas");
                    if (status.node().path("collisionCount").asLong(0)
                            < old.at("status.collisionCount").asLong(0)) {
                        status.invalid("collisionCount", "cannot be decremented");
                    }
                });
    }

    private static void rolling(ApiObject object, List<FieldError> errors) {
        boolean bothZero = true;
        for (String member : List.of("maxUnavailable", "maxSurge")) {
            String path = "spec.strategy.rollingUpdate." + member;
            JsonNode value = object.at(path);
            if (value.isMissingNode()) {
                return;
            }
            if (value.isString() && !value.asString().matches("[0-9]+%")) {
                errors.add(
                        FieldError.invalid(
                                path,
                                value,
                                "a valid percent string must be a numeric string followed by an ending"
                                        + " '%' (e.g. '1%',  or '93%', regex used for validation is"
                                        + " '[0-9]+%')"));
            } else if (value.isNumber() && value.asInt() < 0) {
                errors.add(FieldError.invalid(path, value, "must be greater than or equal to 0"));
            }
            bothZero &= value.asString("").matches("0%?");
        }
        if (bothZero) {
            errors.add(
                    FieldError.invalid(
                            "spec.strategy.rollingUpdate.maxUnavailable",
                            object.at("spec.strategy.rollingUpdate.maxUnavailable"),
                            "may not be 0 when `maxSurge` is 0"));
        }
    }
}
