package dev.coracle.apiserver.registry.networking;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;

/** IngressClasses. */
public final class IngressClassStrategy implements ResourceStrategy {

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
                    object.name(),
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
        return ResourceDefinition.clusterScoped(
                "networking.k8s.io",
                "v1",
                "IngressClass",
                "ingressclasses",
                "io.k8s.api.networking.v1.IngressClass");
    }

    @Override
    public TablePrinter table() {
        return new Printer();
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        String controller = object.text("spec.controller");
        if (controller.length() > 250) {
            return List.of(FieldError.tooLong("spec.controller", "may not be more than 250 bytes"));
        }
        return controller.isEmpty() || controller.contains("/")
                ? List.of()
                : List.of(
                        FieldError.invalid(
                                "spec.controller",
                                controller,
                                "must be a domain-prefixed path (such as \"acme.io/foo\")"));
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return Metadata.immutable(updated, old, "spec.controller");
    }
}
