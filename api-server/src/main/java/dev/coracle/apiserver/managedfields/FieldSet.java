package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.PathElement.FieldName;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A set of paths, as a tree: a node is a member, or leads to members, or both. Built by {@link
 * #add}, then not changed; every operation makes a new set.
 */
final class FieldSet {

    static final FieldSet EMPTY = new FieldSet();

    private final TreeMap<PathElement, Entry> entries = new TreeMap<>();

    /** A step: whether its path is a member, and what is below it. */
    private record Entry(boolean member, FieldSet below) {}

    /** The sets of paths that are one step long. */
    static FieldSet ofFields(String... names) {
        FieldSet set = new FieldSet();
        for (String name : names) {
            set.add(new FieldName(name), true, EMPTY);
        }
        return set;
    }

    /** Adds a step, merging with what is there. */
    FieldSet add(PathElement element, boolean member, FieldSet below) {
        if (member || !below.isEmpty()) {
            entries.merge(
                    element,
                    new Entry(member, below),
                    (a, b) -> new Entry(a.member() || b.member(), a.below().union(b.below())));
        }
        return this;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    boolean has(PathElement element) {
        Entry entry = entries.get(element);
        return entry != null && entry.member();
    }

    /** What is below a step. */
    FieldSet below(PathElement element) {
        Entry entry = entries.get(element);
        return entry == null ? EMPTY : entry.below();
    }

    FieldSet union(FieldSet other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        FieldSet result = new FieldSet();
        result.entries.putAll(entries);
        other.entries.forEach(
                (element, entry) -> result.add(element, entry.member(), entry.below()));
        return result;
    }

    FieldSet intersection(FieldSet other) {
        if (entries.size() > other.entries.size()) {
            return other.intersection(this);
        }
        FieldSet result = new FieldSet();
        entries.forEach((element, entry) -> {
            Entry there = other.entries.get(element);
            if (there != null) {
                result.add(
                        element,
                        entry.member() && there.member(),
                        entry.below().intersection(there.below()));
            }
        });
        return result;
    }

    FieldSet difference(FieldSet other) {
        return minus(other, false);
    }

    /** Also without everything below the members of {@code other}. */
    FieldSet recursiveDifference(FieldSet other) {
        return minus(other, true);
    }

    private FieldSet minus(FieldSet other, boolean recursive) {
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        FieldSet result = new FieldSet();
        entries.forEach((element, entry) -> {
            Entry there = other.entries.get(element);
            if (there == null) {
                result.add(element, entry.member(), entry.below());
            } else if (!(recursive && there.member())) {
                result.add(
                        element,
                        entry.member() && !there.member(),
                        entry.below().minus(there.below(), recursive));
            }
        });
        return result;
    }

    /** With the named fields of objects as members wherever something below them is one. */
    FieldSet withNamedFields(SchemaCatalog catalog, Schema schema) {
        FieldSet result = new FieldSet();
        Schema resolved = catalog.resolve(schema);
        entries.forEach((element, entry) -> {
            boolean named =
                    element instanceof FieldName(String name)
                            && resolved instanceof Schema.Struct struct
                            && struct.properties().containsKey(name);
            result.add(
                    element,
                    entry.member() || named,
                    entry.below().withNamedFields(catalog, Shape.below(resolved, element)));
        });
        return result;
    }

    /** The members' paths as conflicts name them. */
    List<String> paths() {
        List<String> paths = new ArrayList<>();
        addPaths("", paths);
        return paths;
    }

    private void addPaths(String prefix, List<String> paths) {
        entries.forEach((element, entry) -> {
            String path = prefix + element.described();
            if (entry.member()) {
                paths.add(path);
            }
            entry.below().addPaths(path, paths);
        });
    }

    /** As {@code fieldsV1}. */
    ObjectNode toJson() {
        ObjectNode json = Json.newObject();
        entries.forEach((element, entry) -> {
            ObjectNode below = json.putObject(element.encoded());
            if (entry.member() && !entry.below().isEmpty()) {
                below.putObject(".");
            }
            below.setAll(entry.below().toJson());
        });
        return json;
    }

    /** Reads {@code fieldsV1}. */
    static FieldSet fromJson(JsonNode json) {
        FieldSet set = new FieldSet();
        for (Map.Entry<String, JsonNode> property : json.properties()) {
            @Nullable PathElement element = PathElement.parse(property.getKey());
            if (element != null) {
                JsonNode below = property.getValue();
                set.add(element, below.isEmpty() || below.has("."), fromJson(below));
            }
        }
        return set;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldSet set && entries.equals(set.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return toJson().toString();
    }
}
