package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.PathElement.FieldName;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** What became of the fields of an object between two of its states. */
record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

    boolean isSame() {
        return added.isEmpty() && modified.isEmpty() && removed.isEmpty();
    }

    FieldSet changed() {
        return modified.union(added);
    }

    private static final JsonNode NOTHING = MissingNode.getInstance();

    /**
     * Compares two objects of one schema.
     *
     * @param alwaysThere the named fields that the type has even when nothing is set in them, so
     *     that setting something in them does not add the field itself
     */
    static Comparison of(
            SchemaCatalog catalog,
            Schema schema,
            JsonNode before,
            JsonNode after,
            Predicate<String> alwaysThere) {
        Walk walk = new Walk(catalog, alwaysThere);
        Comparison none = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
        walk.compare(schema, before, after, none);
        return none;
    }

    private record Walk(SchemaCatalog catalog, Predicate<String> alwaysThere) {

        /** Puts what is below {@code before} and {@code after} into {@code into}. */
        void compare(Schema schema, JsonNode before, JsonNode after, Comparison into) {
            switch (Shape.of(catalog, schema, before, after)) {
                case Shape.Leaf _ -> {}
                case Shape.Members(Schema members) -> {
                    Set<String> names = new LinkedHashSet<>(before.propertyNames());
                    names.addAll(after.propertyNames());
                    for (String name : names) {
                        FieldName element = new FieldName(name);
                        step(
                                element,
                                Shape.below(members, element),
                                before.path(name),
                                after.path(name),
                                members instanceof Schema.Struct && alwaysThere.test(name),
                                into);
                    }
                }
                case Shape.Items items -> {
                    Map<PathElement, List<JsonNode>> left = Shape.items(before, items.type());
                    Map<PathElement, List<JsonNode>> right = Shape.items(after, items.type());
                    Set<PathElement> elements = new LinkedHashSet<>(left.keySet());
                    elements.addAll(right.keySet());
                    for (PathElement element : elements) {
                        items(
                                element,
                                items.items(),
                                left.getOrDefault(element, List.of()),
                                right.getOrDefault(element, List.of()),
                                into);
                    }
                }
            }
        }

        /** Items that cannot be told apart are one value. */
        private void items(
                PathElement element,
                Schema schema,
                List<JsonNode> before,
                List<JsonNode> after,
                Comparison into) {
            if (before.size() > 1 || after.size() > 1) {
                if (before.isEmpty()) {
                    into.added().add(element, true, FieldSet.EMPTY);
                } else if (after.isEmpty()) {
                    into.removed().add(element, true, FieldSet.EMPTY);
                } else if (!before.equals(after)) {
                    into.modified().add(element, true, FieldSet.EMPTY);
                }
                return;
            }
            step(
                    element,
                    schema,
                    before.isEmpty() ? NOTHING : before.getFirst(),
                    after.isEmpty() ? NOTHING : after.getFirst(),
                    false,
                    into);
        }

        private void step(
                PathElement element,
                Schema schema,
                JsonNode before,
                JsonNode after,
                boolean there,
                Comparison into) {
            boolean left = Shape.isThere(before);
            boolean right = Shape.isThere(after);
            if ((!left && !right) || before.equals(after)) {
                return;
            }
            boolean leaf =
                    Shape.of(catalog, schema, before, after) instanceof Shape.Leaf
                            || (before.isEmpty() && after.isEmpty());
            if (leaf) {
                if (!left) {
                    into.added().add(element, true, FieldSet.EMPTY);
                } else if (!right) {
                    into.removed().add(element, true, FieldSet.EMPTY);
                } else if (!Json.same(before, after)) {
                    into.modified().add(element, true, FieldSet.EMPTY);
                }
                return;
            }
            Comparison below = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
            compare(schema, before, after, below);
            into.added().add(element, !left && !there, below.added());
            into.modified().add(element, false, below.modified());
            into.removed().add(element, !right, below.removed());
        }
    }
}
