package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.ManagedFields.Owned;
import dev.coracle.apiserver.managedfields.ManagedFields.Owner;
import dev.coracle.apiserver.managedfields.PathElement.FieldName;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps {@code metadata.managedFields} true over every write, and merges applied configurations.
 * Thread-safe; the objects it is given are the caller's.
 */
public final class FieldOwnership {

    /** Metadata that the server owns and no writer does. */
    private static final FieldSet UNOWNED =
            FieldSet.ofFields("apiVersion", "kind", "metadata")
                    .union(
                            new FieldSet()
                                    .add(
                                            new FieldName("metadata"),
                                            false,
                                            FieldSet.ofFields(
                                                    "name",
                                                    "namespace",
                                                    "creationTimestamp",
                                                    "deletionTimestamp",
                                                    "deletionGracePeriodSeconds",
                                                    "selfLink",
                                                    "uid",
                                                    "generation",
                                                    "managedFields",
                                                    "resourceVersion")));

    /**
     * Structs that the Go types embed as values: they are there when nothing is set in them, so
     * nobody adds them.
     */
    private static final Set<String> VALUES =
            Set.of(
                    "metadata",
                    "spec",
                    "status",
                    "template",
                    "jobTemplate",
                    "containers",
                    "strategy",
                    "updateStrategy",
                    "resources",
                    "loadBalancer",
                    "daemonEndpoints",
                    "kubeletEndpoint",
                    "nodeInfo",
                    "scaleTargetRef");

    private static final String BEFORE_FIRST_APPLY = "before-first-apply";

    private final SchemaCatalog catalog;
    private final Merge merge;
    private final Removal removal;
    private final FieldWalk walk;

    public FieldOwnership(SchemaCatalog catalog) {
        this.catalog = catalog;
        this.merge = new Merge(catalog);
        this.removal = new Removal(catalog);
        this.walk = new FieldWalk(catalog);
    }

    /**
     * What an object's fields are held against.
     *
     * @param builtIn whether the kind is one of Kubernetes' own, a Go struct upstream
     * @param ignored the first-level fields that this writer cannot set
     */
    public record Kind(Schema.Struct schema, boolean builtIn, List<String> ignored) {
        public Kind {
            ignored = List.copyOf(ignored);
        }

        FieldSet ignoredFields() {
            return FieldSet.ofFields(ignored.toArray(String[]::new));
        }

        Predicate<String> alwaysThere() {
            return builtIn ? VALUES::contains : "metadata"::equals;
        }
    }

    /**
     * Records a create, update or patch: the writer takes over what it changed.
     *
     * @param live null for a create
     * @param updated gets its managedFields; those it brings are believed if they can be read
     * @param now RFC 3339
     */
    public void update(
            @Nullable ApiObject live, ApiObject updated, Kind kind, Writer writer, String now) {
        JsonNode given = updated.at("metadata.managedFields");
        if (given.size() == 1 && given.path(0).isEmpty()) {
            updated.metadata().remove("managedFields");
            return;
        }
        ManagedFields managed = trusted(live, updated, writer);
        if (live != null && managed.isEmpty()) {
            updated.metadata().remove("managedFields");
            return;
        }
        ObjectNode before = live == null ? Json.newObject() : withoutOwners(live.tree());
        record(managed, before, withoutOwners(updated.tree()), kind, writer, now);
        managed.writeTo(updated);
    }

    /**
     * Merges an applied configuration into an object.
     *
     * @param live null when there is none
     * @return the merged object with its managedFields
     * @throws ApiException 409 when the configuration sets what others own and {@code force} is
     *     false; 400 when it cannot be applied
     */
    public ApiObject apply(
            @Nullable ApiObject live,
            ApiObject applied,
            Kind kind,
            Writer writer,
            boolean force,
            String now) {
        refuseUnappliable(applied, kind);
        ApiObject base = live == null ? new ApiObject(Json.newObject()) : live;
        ManagedFields managed = ManagedFields.ofStored(base);
        ObjectNode before = withoutOwners(base.tree());
        if (live != null && managed.isEmpty()) {
            Writer earlier = new Writer(BEFORE_FIRST_APPLY, writer.apiVersion(), "");
            record(managed, Json.newObject(), before, kind, earlier, now);
        }
        boolean migrates = writer.manager().equals(LastApplied.MANAGER);
        Set<String> allowed =
                live != null && migrates ? LastApplied.unchanged(walk, live, kind) : Set.of();
        ObjectNode after = merged(managed, before, applied, kind, writer, force, allowed, now);
        ApiObject result = new ApiObject(after);
        managed.writeTo(result);
        if (live != null && migrates && writer.subresource().isEmpty()) {
            LastApplied.refresh(result, applied);
        }
        return result;
    }

    private ObjectNode merged(
            ManagedFields managed,
            ObjectNode before,
            ApiObject applied,
            Kind kind,
            Writer writer,
            boolean force,
            Set<String> allowed,
            String now) {
        Owner owner = Owner.applier(writer);
        Owned last = managed.owners().get(owner);
        FieldSet set =
                walk.fields(applied.tree(), kind.schema())
                        .difference(UNOWNED)
                        .recursiveDifference(kind.ignoredFields());
        ObjectNode config = applied.tree().deepCopy();
        config.remove(kind.ignored());
        ObjectNode after = (ObjectNode) merge.merge(kind.schema(), before, config);
        String time = last == null ? now : last.time();
        managed.set(owner, set, writer.apiVersion(), time);
        if (last != null) {
            after = prune(after, managed, last.fields(), kind.schema());
        }
        Comparison change = Comparison.of(catalog, kind.schema(), before, after, _ -> false);
        release(managed, owner, change, force, allowed);
        if (!change.isSame() && last != null && managed.owners().containsKey(owner)) {
            managed.set(owner, managed.fieldsOf(owner), writer.apiVersion(), now);
        }
        return after;
    }

    /** Takes out what the applier gave up, unless someone owns it. */
    private ObjectNode prune(
            ObjectNode merged, ManagedFields managed, FieldSet last, Schema.Struct schema) {
        FieldSet lastNamed = last.withNamedFields(catalog, schema);
        JsonNode pruned = removal.remove(schema, merged, lastNamed);
        FieldSet all = walk.fields(merged, schema).withNamedFields(catalog, schema);
        FieldSet owned = new FieldSet();
        for (Owned other : managed.owners().values()) {
            owned = owned.union(other.fields().withNamedFields(catalog, schema));
        }
        FieldSet gone = all.difference(fieldsOf(pruned, schema)).difference(owned);
        JsonNode kept = removal.remove(schema, merged, gone);
        FieldSet dangling = all.difference(fieldsOf(kept, schema)).intersection(lastNamed);
        return (ObjectNode) removal.remove(schema, merged, dangling);
    }

    private FieldSet fieldsOf(JsonNode value, Schema.Struct schema) {
        return walk.fields(value, schema).withNamedFields(catalog, schema);
    }

    /** An update: the others lose what changed, the writer gets it. */
    private void record(
            ManagedFields managed,
            ObjectNode before,
            ObjectNode after,
            Kind kind,
            Writer writer,
            String now) {
        Comparison change =
                Comparison.of(catalog, kind.schema(), before, after, kind.alwaysThere());
        Owner owner = Owner.updater(writer);
        release(managed, owner, change, true, Set.of());
        FieldSet taken =
                change.changed().difference(UNOWNED).recursiveDifference(kind.ignoredFields());
        managed.take(owner, change.removed());
        if (!taken.isEmpty()) {
            managed.set(owner, managed.fieldsOf(owner).union(taken), writer.apiVersion(), now);
        }
    }

    /** Takes from all but {@code writer} what changed; without force they keep it and it fails. */
    private static void release(
            ManagedFields managed,
            Owner writer,
            Comparison change,
            boolean force,
            Set<String> allowed) {
        Map<Owner, FieldSet> conflicts =
                new TreeMap<>(java.util.Comparator.comparing(Owner::described));
        managed.owners()
                .forEach((owner, owned) -> {
                    FieldSet conflict = owned.fields().intersection(change.changed());
                    if (!owner.equals(writer) && !conflict.isEmpty()) {
                        conflicts.put(owner, conflict);
                    }
                });
        if (!force) {
            Conflicts.refuse(conflicts, allowed);
        }
        conflicts.forEach(managed::take);
        for (Owner owner : List.copyOf(managed.owners().keySet())) {
            if (!owner.equals(writer)) {
                managed.take(owner, change.removed());
            }
        }
    }

    private void refuseUnappliable(ApiObject applied, Kind kind) {
        if (applied.at("metadata.managedFields").size() > 0) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
        List<String> duplicates = new ArrayList<>();
        walk.findDuplicates(applied.tree(), kind.schema(), "", duplicates);
        if (!duplicates.isEmpty()) {
            throw ApiException.badRequest(
                    "failed to create typed patch object ("
                            + applied.key()
                            + "; "
                            + applied.apiVersion()
                            + ", Kind="
                            + applied.kind()
                            + "): "
                            + String.join(", ", duplicates));
        }
    }

    /** The owners the update itself brings, or those of the live object. */
    private static ManagedFields trusted(
            @Nullable ApiObject live, ApiObject updated, Writer writer) {
        if (live == null) {
            return new ManagedFields();
        }
        if (writer.subresource().isEmpty()
                && !updated.at("metadata.managedFields")
                        .equals(live.at("metadata.managedFields"))) {
            try {
                ManagedFields given = ManagedFields.of(updated);
                if (!given.isEmpty()) {
                    return given;
                }
            } catch (ApiException _) {
                // as upstream: what cannot be read does not count
            }
        }
        return ManagedFields.ofStored(live);
    }

    /** The object without its managedFields; shares all else with it. */
    public static ObjectNode withoutOwners(ObjectNode tree) {
        if (!(tree.path("metadata") instanceof ObjectNode metadata)) {
            return tree;
        }
        ObjectNode bare = Json.newObject().setAll(metadata);
        bare.remove("managedFields");
        return Json.newObject().setAll(tree).set("metadata", bare);
    }
}
