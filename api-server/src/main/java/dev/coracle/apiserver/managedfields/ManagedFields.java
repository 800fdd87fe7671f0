package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The owners of an object's fields, decoded from {@code metadata.managedFields}. Mutable. */
final class ManagedFields {

    static final String APPLY = "Apply";
    static final String UPDATE = "Update";

    /** Owners by update beyond this are put together, the oldest first. */
    private static final int MAX_UPDATERS = 10;

    private static final String ANCIENT = "ancient-changes";

    private final Map<Owner, Owned> owners = new LinkedHashMap<>();

    /** Who owns: an applier is the same in every version, an updater is not. */
    record Owner(String manager, String operation, String apiVersion, String subresource) {

        static Owner applier(Writer writer) {
            return new Owner(writer.manager(), APPLY, "", writer.subresource());
        }

        static Owner updater(Writer writer) {
            return new Owner(writer.manager(), UPDATE, writer.apiVersion(), writer.subresource());
        }

        /** As conflicts name it. */
        String described() {
            String text = Json.MAPPER.writeValueAsString(manager);
            if (!subresource.isEmpty()) {
                text += " with subresource " + Json.MAPPER.writeValueAsString(subresource);
            }
            return operation.equals(UPDATE) ? text + " using " + apiVersion : text;
        }
    }

    /**
     * What one owns.
     *
     * @param time of the last change of the set, RFC 3339, or empty
     * @param stored the set as the server has stored it; null when it is not known or has changed
     */
    record Owned(FieldSet fields, String apiVersion, String time, @Nullable JsonNode stored) {}

    /**
     * Decodes the entries of an object that the server wrote; those that do not change are written
     * back as they are.
     */
    static ManagedFields ofStored(ApiObject object) {
        return decode(object, true);
    }

    /**
     * Decodes the entries of an object.
     *
     * @throws ApiException 400 for an entry that is none
     */
    static ManagedFields of(ApiObject object) {
        return decode(object, false);
    }

    private static ManagedFields decode(ApiObject object, boolean isStored) {
        ManagedFields decoded = new ManagedFields();
        for (ObjectNode entry : Json.objects(object.at("metadata.managedFields"))) {
            String operation = Json.text(entry, "operation");
            String apiVersion = Json.text(entry, "apiVersion");
            String fieldsType = Json.text(entry, "fieldsType");
            if (!operation.equals(APPLY) && !operation.equals(UPDATE)) {
                throw invalid("operation", operation, "'Apply' or 'Update'");
            }
            if (apiVersion.isEmpty() || !fieldsType.equals("FieldsV1")) {
                throw invalid("fieldsType", fieldsType, "'FieldsV1', with an apiVersion");
            }
            Owner owner =
                    new Owner(
                            Json.text(entry, "manager"),
                            operation,
                            operation.equals(APPLY) ? "" : apiVersion,
                            Json.text(entry, "subresource"));
            JsonNode fields = entry.path("fieldsV1");
            decoded.owners.put(
                    owner,
                    new Owned(
                            FieldSet.fromJson(fields),
                            apiVersion,
                            Json.text(entry, "time"),
                            isStored ? fields : null));
        }
        return decoded;
    }

    private static ApiException invalid(String field, String value, String expected) {
        return ApiException.badRequest(
                "metadata.managedFields: " + field + " '" + value + "', expected " + expected);
    }

    boolean isEmpty() {
        return owners.isEmpty();
    }

    Map<Owner, Owned> owners() {
        return owners;
    }

    FieldSet fieldsOf(Owner owner) {
        Owned owned = owners.get(owner);
        return owned == null ? FieldSet.EMPTY : owned.fields();
    }

    /** Replaces what one owns; nothing removes the owner. */
    void set(Owner owner, FieldSet fields, String apiVersion, String time) {
        if (fields.isEmpty()) {
            owners.remove(owner);
        } else {
            owners.put(owner, new Owned(fields, apiVersion, time, null));
        }
    }

    /** Takes fields from an owner; when nothing is left it goes. */
    void take(Owner owner, FieldSet fields) {
        Owned owned = owners.get(owner);
        if (owned != null && !owned.fields().intersection(fields).isEmpty()) {
            set(owner, owned.fields().difference(fields), owned.apiVersion(), owned.time());
        }
    }

    /** Writes the entries in upstream's order: appliers first, then by time. */
    void writeTo(ApiObject object) {
        limitUpdaters();
        if (owners.isEmpty()) {
            object.metadata().remove("managedFields");
            return;
        }
        ArrayNode list = object.metadata().putArray("managedFields");
        owners.entrySet().stream()
                .sorted(
                        Comparator.comparing((Map.Entry<Owner, Owned> entry) ->
                                        entry.getKey().operation())
                                .thenComparing(entry -> entry.getValue().time())
                                .thenComparing(entry -> entry.getKey().manager())
                                .thenComparing(entry -> entry.getValue().apiVersion())
                                .thenComparing(entry -> entry.getKey().subresource()))
                .forEach(entry -> list.add(encode(entry.getKey(), entry.getValue())));
    }

    private static JsonNode encode(Owner owner, Owned owned) {
        ObjectNode entry = Json.newObject();
        entry.put("apiVersion", owned.apiVersion());
        entry.put("fieldsType", "FieldsV1");
        JsonNode stored = owned.stored();
        entry.set("fieldsV1", stored == null ? owned.fields().toJson() : stored);
        entry.put("manager", owner.manager());
        entry.put("operation", owner.operation());
        if (!owner.subresource().isEmpty()) {
            entry.put("subresource", owner.subresource());
        }
        if (!owned.time().isEmpty()) {
            entry.put("time", owned.time());
        }
        return entry;
    }

    private void limitUpdaters() {
        List<Owner> updaters =
                owners.keySet().stream()
                        .filter(owner -> owner.operation().equals(UPDATE))
                        .filter(owner -> !owner.manager().equals(ANCIENT))
                        .sorted(Comparator.comparing(owner -> time(owner)))
                        .toList();
        for (Owner oldest : updaters.subList(0, Math.max(0, updaters.size() - MAX_UPDATERS))) {
            Owned owned = owners.remove(oldest);
            if (owned != null) {
                Owner ancient = new Owner(ANCIENT, UPDATE, owned.apiVersion(), "");
                set(
                        ancient,
                        fieldsOf(ancient).union(owned.fields()),
                        owned.apiVersion(),
                        owned.time());
            }
        }
    }

    private String time(Owner owner) {
        Owned owned = owners.get(owner);
        return owned == null ? "" : owned.time();
    }
}
