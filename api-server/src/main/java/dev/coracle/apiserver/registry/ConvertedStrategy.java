package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A second API version of a stored resource. Clients read and write the served form; rules, pools
 * and columns are those of the stored one.
 */
public final class ConvertedStrategy implements ResourceStrategy {

    /** How the two forms become one another. Each method may change and return its argument. */
    public interface Conversion {
        /** Total: whatever is stored can be served. */
        ApiObject toServed(ApiObject stored);

        /** What cannot be read is kept as it is, for validation to find. */
        ApiObject toStored(ApiObject served);

        /** What this version demands beyond the rules of the stored form. */
        default List<FieldError> validate(ApiObject stored) {
            return List.of();
        }

        /** The defaults of the served version, before the conversion. */
        default void applyDefaults(ApiObject served) {}
    }

    /** Prints what is stored. */
    private record Printer(TablePrinter stored, Conversion conversion) implements TablePrinter {
        @Override
        public List<Column> columns() {
            return stored.columns();
        }

        @Override
        public List<Object> cells(ApiObject object, Instant now) {
            return stored.cells(conversion.toStored(object.copy()), now);
        }
    }

    private final ResourceStrategy stored;
    private final ResourceDefinition definition;
    private final Map<String, String> fieldLabels;
    private final Conversion conversion;

    /**
     * Serves {@code stored} as {@code definition}.
     *
     * @param fieldLabels the served names of selectable fields and the stored ones, without {@code
     *     metadata}
     */
    public ConvertedStrategy(
            ResourceStrategy stored,
            ResourceDefinition definition,
            Map<String, String> fieldLabels,
            Conversion conversion) {
        this.stored = stored;
        this.definition = definition.storedAs(stored.definition().storageKey());
        Map<String, String> labels = new TreeMap<>(fieldLabels);
        labels.put("metadata.name", "metadata.name");
        if (definition.namespaced()) {
            labels.put("metadata.namespace", "metadata.namespace");
        }
        this.fieldLabels = Map.copyOf(labels);
        this.conversion = conversion;
    }

    @Override
    public ResourceDefinition definition() {
        return definition;
    }

    @Override
    public ApiObject toServed(ApiObject object) {
        return conversion.toServed(object);
    }

    @Override
    public byte[] toServed(byte[] json) {
        return conversion.toServed(ApiObject.parse(json)).toBytes();
    }

    @Override
    public ApiObject toStored(ApiObject object) {
        ApiObject converted = conversion.toStored(object);
        stored.applyDefaults(converted);
        return converted;
    }

    @Override
    public ResourceStrategy storage() {
        return stored;
    }

    @Override
    public TablePrinter table() {
        return new Printer(stored.table(), conversion);
    }

    @Override
    public Map<String, String> selectableFields(ApiObject object) {
        return stored.selectableFields(object);
    }

    @Override
    public Map<String, String> fieldLabels() {
        return fieldLabels;
    }

    @Override
    public void applyDefaults(ApiObject object) {
        conversion.applyDefaults(object);
    }

    @Override
    public void stampRequester(ApiObject object, ObjectNode requester) {
        stored.stampRequester(object, requester);
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        stored.prepareForCreate(object);
    }

    @Override
    public void prepareForUpdate(ApiObject updated, ApiObject old) {
        stored.prepareForUpdate(updated, old);
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        List<FieldError> errors = new ArrayList<>(conversion.validate(object));
        errors.addAll(stored.validate(object));
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return stored.validateUpdate(updated, old);
    }

    @Override
    public void prepareForStatusUpdate(ApiObject updated, ApiObject old) {
        stored.prepareForStatusUpdate(updated, old);
    }

    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        return stored.validateStatus(updated, old);
    }

    @Override
    public @Nullable String validateName(String name) {
        return stored.validateName(name);
    }

    @Override
    public Reservation allocate(
            ApiObject updated, @Nullable ApiObject old, List<FieldError> errors) {
        return stored.allocate(updated, old, errors);
    }

    @Override
    public void release(ApiObject last) {
        stored.release(last);
    }

    @Override
    public boolean tracksGeneration() {
        return stored.tracksGeneration();
    }

    @Override
    public boolean changesGeneration(ApiObject updated, ApiObject old) {
        return stored.changesGeneration(updated, old);
    }

    @Override
    public long gracePeriodSeconds(ApiObject object, @Nullable Long asked) {
        return stored.gracePeriodSeconds(object, asked);
    }

    @Override
    public void markDeleted(ApiObject object) {
        stored.markDeleted(object);
    }

    @Override
    public boolean isHeld(ApiObject object) {
        return stored.isHeld(object);
    }

    @Override
    public boolean answersDeleteWithObject() {
        return stored.answersDeleteWithObject();
    }

    @Override
    public boolean orphansDependents() {
        return stored.orphansDependents();
    }
}
