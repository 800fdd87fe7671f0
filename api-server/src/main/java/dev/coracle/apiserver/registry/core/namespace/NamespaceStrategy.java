package dev.coracle.apiserver.registry.core.namespace;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Namespaces. {@code spec.finalizers} holds a deleted one until its content is gone. */
public final class NamespaceStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.clusterScoped(
                            "", "v1", "Namespace", "namespaces", "io.k8s.api.core.v1.Namespace")
                    .withShortNames("ns")
                    .with(Subresource.STATUS, Subresource.FINALIZE);

    private static final String NAME_LABEL = "kubernetes.io/metadata.name";

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(Column.objectName(), Column.text("Status"), Column.age());
        }

        @Override
        public List<Object> cells(ApiObject object, Instant now) {
            return List.of(
                    object.name(),
                    object.text("status.phase"),
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
    public Map<String, String> selectableFields(ApiObject object) {
        return Map.of("status.phase", object.text("status.phase"));
    }

    @Override
    public void applyDefaults(ApiObject object) {
        if (!object.name().isEmpty()) {
            object.metadata().withObject("labels").put(NAME_LABEL, object.name());
        }
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        object.spec().putArray("finalizers").add("kubernetes");
        object.tree().remove("status");
        object.status().put("phase", "Active");
    }

    @Override
    public void prepareForUpdate(ApiObject updated, ApiObject old) {
        updated.tree().set("spec", old.spec().deepCopy());
    }

    /** The phase says nothing that the deletion's timestamp does not. */
    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        String phase = updated.text("status.phase");
        if (updated.isBeingDeleted()) {
            return phase.equals("Terminating")
                    ? List.of()
                    : List.of(
                            FieldError.invalid(
                                    "status.Phase",
                                    phase,
                                    "may only be 'Terminating' if `deletionTimestamp` is not"
                                            + " empty"));
        }
        return phase.equals("Active")
                ? List.of()
                : List.of(
                        FieldError.invalid(
                                "status.Phase",
                                phase,
                                "may only be 'Active' if `deletionTimestamp` is empty"));
    }

    @Override
    public @Nullable String validateName(String name) {
        return Names.label(name);
    }

    @Override
    public void markDeleted(ApiObject object) {
        object.status().put("phase", "Terminating");
    }

    @Override
    public boolean isHeld(ApiObject object) {
        return !object.at("spec.finalizers").isEmpty();
    }
}
