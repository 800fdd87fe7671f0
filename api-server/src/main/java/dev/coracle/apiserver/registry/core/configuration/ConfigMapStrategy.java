package dev.coracle.apiserver.registry.core.configuration;

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

/** ConfigMaps. */
public final class ConfigMapStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                            "", "v1", "ConfigMap", "configmaps", "io.k8s.api.core.v1.ConfigMap")
                    .withShortNames("cm");

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(Column.objectName(), Column.integer("Data"), Column.age());
        }

        @Override
        public List<Object> cells(ApiObject object, Instant now) {
            return List.of(
                    object.name(),
                    object.at("data").size() + object.at("binaryData").size(),
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
        errors.addAll(DataKeys.validate(object, "data"));
        errors.addAll(DataKeys.validate(object, "binaryData"));
        for (String key : object.at("data").propertyNames()) {
            if (object.at("binaryData").has(key)) {
                errors.add(
                        FieldError.invalid(
                                "data[" + key + "]",
                                key,
                                "duplicate of key present in binaryData"));
            }
        }
        errors.addAll(DataKeys.size(object, "data", "binaryData"));
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return DataKeys.immutable(updated, old, "data", "binaryData");
    }
}
