package dev.coracle.apiserver.registry.networking;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** IngressClasses. */
public final class IngressClassStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.clusterScoped(
                    "networking.k8s.io",
                    "v1",
                    "IngressClass",
                    "ingressclasses",
                    "io.k8s.api.networking.v1.IngressClass");

    /** Marks the class of Ingresses that name none. */
    public static final String DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class";

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(
                    Column.objectName(),
                    Column.text("Controller"),
                    Column.text("Parameters"),
                    Column.age());
        }

        @Override
        public List<Object> cells(ApiObject object, Instant now) {
            String parameters = object.text("spec.parameters.kind");
            String group = object.text("spec.parameters.apiGroup");
            return List.of(
                    "true".equals(object.annotations().get(DEFAULT_CLASS))
                            ? object.name() + " (default)"
                            : object.name(),
                    object.text("spec.controller"),
                    parameters.isEmpty()
                            ? "<none>"
                            : parameters
                                    + (group.isEmpty() ? "" : "." + group)
                                    + "/"
                                    + object.text("spec.parameters.name"),
                    Ages.since(object.text("metadata.creationTimestamp"), now));
        }
    }

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new Printer();
    }

    @Override
    public void applyDefaults(ApiObject object) {
        if (object.at("spec.parameters") instanceof ObjectNode parameters) {
            Json.setDefault(parameters, "scope", "Cluster");
        }
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        return Check.object(
                object,
                whole -> {
                    Check spec = whole.in("spec");
                    spec.shaped("controller", Names::domainPrefixedPath);
                    if (spec.text("controller").length() > 250) {
                        spec.add(
                                FieldError.tooLong(
                                        "spec.controller", "may not be more than 250 bytes"));
                    }
                    spec.ifPresent("parameters", IngressClassStrategy::parameters);
                });
    }

    private static void parameters(Check parameters) {
        parameters
                .required("kind", "kind is required")
                .required("name", "name is required")
                .supported("scope", "Cluster", "Namespace");
        if (parameters.text("scope").equals("Namespace")) {
            parameters.required(
                    "namespace",
                    "`parameters.scope` is set to 'Namespace'; please provide a namespace");
        } else if (parameters.has("namespace")) {
            parameters.forbidden(
                    "namespace", "`parameters.scope` is set to 'Cluster', not 'Namespace'");
        }
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return Metadata.immutable(updated, old, "spec.controller");
    }
}
