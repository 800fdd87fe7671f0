package dev.coracle.apiserver.registry.coordination;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Leases. */
public final class LeaseStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                    "coordination.k8s.io",
                    "v1",
                    "Lease",
                    "leases",
                    "io.k8s.api.coordination.v1.Lease");

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(Column.objectName(), Column.text("Holder"), Column.age());
        }

        @Override
        public List<Object> cells(ApiObject object, Instant now) {
            return List.of(
                    object.name(),
                    object.text("spec.holderIdentity"),
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
    public List<FieldError> validate(ApiObject object) {
        List<FieldError> errors = new ArrayList<>();
        JsonNode duration = object.at("spec.leaseDurationSeconds");
        if (duration.isNumber() && duration.asLong() <= 0) {
            errors.add(
                    FieldError.invalid(
                            "spec.leaseDurationSeconds", duration, "must be greater than 0"));
        }
        JsonNode transitions = object.at("spec.leaseTransitions");
        if (transitions.isNumber() && transitions.asLong() < 0) {
            errors.add(
                    FieldError.invalid(
                            "spec.leaseTransitions",
                            transitions,
                            "must be greater than or equal to 0"));
        }
        return errors;
    }
}
