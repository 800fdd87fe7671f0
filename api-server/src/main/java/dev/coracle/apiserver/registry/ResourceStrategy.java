package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.apps.Scale;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of one resource. The {@link Registry} calls them in the order in which they stand here;
 * only those that say so may change the object they are given.
 */
public interface ResourceStrategy {

    ResourceDefinition definition();

    /** The stored form's strategy: another one when this is a second API version of a resource. */
    default ResourceStrategy storage() {
        return this;
    }

    /** The stored object as clients of this API version read it; may change its argument. */
    default ApiObject toServed(ApiObject stored) {
        return stored;
    }

    /** The same for encoded objects. Most resources are stored as they are served: no work. */
    default byte[] toServed(byte[] stored) {
        return stored;
    }

    /**
     * What is stored for a client's object; may change its argument. After defaulting and
     * admission, before everything else below.
     */
    default ApiObject toStored(ApiObject served) {
        return served;
    }

    /** A warning that goes with every answer; empty for most resources. */
    default String deprecation() {
        return "";
    }

    /** The kind of a list of these objects. */
    default String listKind() {
        return definition().kind().kind() + "List";
    }

    /** Whether its definition says how a strategic merge patch merges. */
    default boolean mergesStrategically() {
        return true;
    }

    /** The autoscaling/v1 view of an object, for resources with a scale subresource. */
    default ObjectNode scaleOf(ApiObject object) {
        return Scale.of(object);
    }

    /**
     * Sets an object's replicas to what a scale says.
     *
     * @throws ApiException 422 when they are no count
     */
    default void applyScale(ObjectNode scale, ApiObject object) {
        Scale.apply(scale, object);
    }

    /** How {@code kubectl get} prints it. */
    default TablePrinter table() {
        return TablePrinter.nameAndAge();
    }

    /**
     * The values of the fields a field selector may name, beside {@code metadata.name} and {@code
     * metadata.namespace}.
     */
    default Map<String, String> selectableFields(ApiObject object) {
        return Map.of();
    }

    /**
     * Fills what the client left out; may change the object. Called for every create, update and
     * patch, first of all.
     */
    default void applyDefaults(ApiObject object) {}

    /**
     * Writes into a new object who asks for it, as {@code UserInfo}; may change the object. Called
     * for a create that came from a client, before admission.
     */
    default void stampRequester(ApiObject object, ObjectNode requester) {}

    /**
     * Clears what a client may not set; may change the object. After admission, before validation.
     */
    default void prepareForCreate(ApiObject object) {
        if (definition().has(Subresource.STATUS)) {
            object.tree().remove("status");
        }
    }

    /**
     * Restores what a client may not change, from {@code old}; may change {@code updated}. The
     * template has already taken care of the metadata and, on this path, of the status.
     */
    default void prepareForUpdate(ApiObject updated, ApiObject old) {}

    /** Whether validation may take long, so that it must not run on an event loop. */
    default boolean validatesSlowly() {
        return false;
    }

    /** Everything wrong with the object; empty when it may be stored. */
    default List<FieldError> validate(ApiObject object) {
        return List.of();
    }

    /** Everything wrong with a new object. */
    default List<FieldError> validateCreate(ApiObject object) {
        return validate(object);
    }

    /** Everything wrong with what an update of the status makes of the object. */
    default List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        return List.of();
    }

    /** Everything wrong with the change; {@link #validate} of {@code updated} is called as well. */
    default List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return List.of();
    }

    /**
     * Restores what a client may not change by way of the status, from {@code old}; may change
     * {@code updated}.
     */
    default void prepareForStatusUpdate(ApiObject updated, ApiObject old) {}

    /** Why {@code name} cannot be an object's name, or null. */
    default @Nullable String validateName(String name) {
        return Names.subdomain(name);
    }

    /**
     * Takes from pools what the object needs, writing it into the object. Called last before the
     * store; {@code old} is null for a create. Errors go to {@code errors}; nothing is taken then.
     */
    default Reservation allocate(
            ApiObject updated, @Nullable ApiObject old, List<FieldError> errors) {
        return Reservation.NONE;
    }

    /** The object is gone: give back what it held. Called once for an object. */
    default void release(ApiObject last) {}

    /** Whether objects hold something that no other may have. */
    default boolean allocates() {
        return false;
    }

    /**
     * Takes and gives back what another server's write changed; at start, takes what each stored
     * object holds.
     *
     * @param old null for a new object
     * @param now null for one that is gone
     */
    default void follow(@Nullable ApiObject old, @Nullable ApiObject now) {}

    /** Whether objects have a {@code metadata.generation}. */
    default boolean tracksGeneration() {
        return false;
    }

    /** Whether a change bumps the generation, for resources that have one. */
    default boolean changesGeneration(ApiObject updated, ApiObject old) {
        return !updated.at("spec").equals(old.at("spec"));
    }

    /**
     * Seconds until a deletion is final without a node's word.
     *
     * @param asked the request's gracePeriodSeconds, or null
     */
    default long gracePeriodSeconds(ApiObject object, @Nullable Long asked) {
        return 0;
    }

    /** Called when the object is marked for deletion; may change it. */
    default void markDeleted(ApiObject object) {}

    /** Whether something beside {@code metadata.finalizers} still holds a deleted object. */
    default boolean isHeld(ApiObject object) {
        return false;
    }

    /** Whether dependents stay when a deletion does not say what becomes of them. */
    default boolean orphansDependents() {
        return false;
    }

    /** Whether a DELETE is answered with the object rather than a Status (upstream's OpenAPI). */
    default boolean answersDeleteWithObject() {
        return false;
    }

    /** The names a field selector may use, and the names of {@link #allFields} they stand for. */
    default Map<String, String> fieldLabels() {
        Map<String, String> labels = new TreeMap<>();
        allFields(new ApiObject(Json.newObject())).keySet().forEach(name -> labels.put(name, name));
        return labels;
    }

    /** All selectable fields of an object. */
    default Map<String, String> allFields(ApiObject object) {
        Map<String, String> fields = new TreeMap<>(selectableFields(object));
        fields.put("metadata.name", object.name());
        if (definition().namespaced()) {
            fields.put("metadata.namespace", object.namespace());
        }
        return fields;
    }
}
