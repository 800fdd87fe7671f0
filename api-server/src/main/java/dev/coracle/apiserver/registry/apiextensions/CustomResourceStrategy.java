package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.customresource.CustomSchema;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.Reservation;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One version of a custom resource. Versions differ in their schemas only: the stored object's
 * {@code apiVersion} is rewritten, what a schema does not name is dropped and its defaults are
 * filled in (conversion strategy None). Thread-safe.
 */
final class CustomResourceStrategy implements ResourceStrategy {

    private static final int REMEMBERED = 256;
    private static final Set<String> NO_GENERATION = Set.of("apiVersion", "metadata");

    private final CustomVersion version;
    private final Map<String, CustomSchema> schemas;
    private final CustomColumns columns;
    private final BooleanSupplier terminating;
    private final AtomicReferenceArray<@Nullable Converted> lately =
            new AtomicReferenceArray<>(REMEMBERED);

    @SuppressWarnings("ArrayRecordComponent")
    private record Converted(byte[] stored, byte[] served) {}

    /**
     * Serves a version.
     *
     * @param schemas of all versions, by name; an object may be stored in any of them
     * @param terminating whether the CRD is being deleted by now
     */
    CustomResourceStrategy(
            CustomVersion version, Map<String, CustomSchema> schemas, BooleanSupplier terminating) {
        this.version = version;
        this.schemas = Map.copyOf(schemas);
        this.terminating = terminating;
        columns = new CustomColumns(version.columns());
    }

    @Override
    public ResourceDefinition definition() {
        return version.definition();
    }

    private CustomSchema schema() {
        return schema(definition().kind().version());
    }

    private CustomSchema schema(String name) {
        CustomSchema schema = schemas.get(name);
        if (schema == null) {
            throw new IllegalStateException("no version '" + name + "' of " + definition());
        }
        return schema;
    }

    @Override
    public ApiObject toServed(ApiObject stored) {
        ObjectNode tree = stored.tree();
        String apiVersion = stored.apiVersion();
        @Nullable CustomSchema writtenIn =
                schemas.get(apiVersion.substring(apiVersion.indexOf('/') + 1));
        if (writtenIn != null) {
            writtenIn.pruneSilently(tree);
            writtenIn.applyDefaults(tree);
        }
        tree.put("apiVersion", definition().kind().apiVersion());
        schema().pruneSilently(tree);
        return stored;
    }

    /** Many watchers get the same event: what was made lately is remembered. */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public byte[] toServed(byte[] stored) {
        int slot = System.identityHashCode(stored) % lately.length();
        Converted known = lately.get(slot);
        if (known != null && known.stored() == stored) {
            return known.served();
        }
        byte[] served = toServed(ApiObject.parse(stored)).toBytes();
        byte[] shared = Arrays.equals(stored, served) ? stored : served;
        lately.set(slot, new Converted(stored, shared));
        return shared;
    }

    @Override
    public ApiObject toStored(ApiObject served) {
        served.tree().put("apiVersion", version.storageApiVersion());
        return served;
    }

    @Override
    public String deprecation() {
        return version.deprecation();
    }

    @Override
    public String listKind() {
        return version.listKind();
    }

    @Override
    public boolean mergesStrategically() {
        return false;
    }

    @Override
    public ObjectNode scaleOf(ApiObject object) {
        return version.scale().of(object);
    }

    @Override
    public void applyScale(ObjectNode scale, ApiObject object) {
        version.scale().apply(scale, object);
    }

    @Override
    public TablePrinter table() {
        return columns;
    }

    @Override
    public Map<String, String> selectableFields(ApiObject object) {
        Map<String, String> fields = new TreeMap<>();
        version.allSelectableFields().forEach(field -> fields.put(field, object.text(field)));
        return fields;
    }

    @Override
    public Map<String, String> fieldLabels() {
        Map<String, String> labels = new TreeMap<>();
        labels.put("metadata.name", "metadata.name");
        if (definition().namespaced()) {
            labels.put("metadata.namespace", "metadata.namespace");
        }
        version.selectableFields().forEach(field -> labels.put(field, field));
        return labels;
    }

    @Override
    public void applyDefaults(ApiObject object) {
        schema().applyDefaults(object.tree());
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        if (terminating.getAsBoolean()) {
            throw ApiException.methodNotAllowed(
                    "create not allowed while custom resource definition is terminating");
        }
        ResourceStrategy.super.prepareForCreate(object);
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    /** Everything but the metadata counts, and the status unless it is a subresource. */
    @Override
    public boolean changesGeneration(ApiObject updated, ApiObject old) {
        return !counted(updated).equals(counted(old));
    }

    private ObjectNode counted(ApiObject object) {
        ObjectNode tree = object.tree().deepCopy();
        tree.remove(NO_GENERATION);
        if (definition().has(ResourceDefinition.Subresource.STATUS)) {
            tree.remove("status");
        }
        return tree;
    }

    /** Rules may use up their budget. */
    @Override
    public boolean validatesSlowly() {
        return schema().hasRules();
    }

    @Override
    public List<FieldError> validateCreate(ApiObject object) {
        return schema().validate(object.tree(), null);
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return schema().validate(updated.tree(), old.tree());
    }

    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        return schema().validate(updated.tree(), old.tree());
    }

    /**
     * Validated in the version it came in, an object loses what the stored version has no place
     * for.
     */
    @Override
    public Reservation allocate(
            ApiObject updated, @Nullable ApiObject old, List<FieldError> errors) {
        String stored = version.storageApiVersion();
        schema(stored.substring(stored.indexOf('/') + 1)).pruneSilently(updated.tree());
        return Reservation.NONE;
    }
}
