package dev.coracle.apiserver.customresource;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Removes what a structural schema does not name (Kubernetes: "Field pruning"). */
final class Pruning {

    private static final Set<String> META = Set.of("apiVersion", "kind", "metadata");

    private final List<String> removed;

    private Pruning(List<String> removed) {
        this.removed = removed;
    }

    /** Prunes an object in place and adds the paths of what went to {@code removed}. */
    static void apply(ObjectNode object, Structural schema, List<String> removed) {
        new Pruning(removed).object(object, schema, "", true);
    }

    private void object(ObjectNode object, Structural schema, String path, boolean isResource) {
        for (String name : List.copyOf(object.propertyNames())) {
            if (isResource && META.contains(name)) {
                continue;
            }
            String at = path.isEmpty() ? name : path + "." + name;
            Structural member = schema.member(name);
            if (member != null) {
                value(object.path(name), member, at);
            } else if (!schema.extensions().preservesUnknown()) {
                object.remove(name);
                removed.add(at);
            }
        }
    }

    private void value(JsonNode value, Structural schema, String path) {
        if (value instanceof ObjectNode object) {
            object(object, schema, path, schema.extensions().embedsResource());
        } else if (value instanceof ArrayNode array) {
            @Nullable Structural items = schema.items();
            if (items == null && schema.extensions().preservesUnknown()) {
                return;
            }
            for (int i = 0; i < array.size(); i++) {
                value(
                        array.path(i),
                        items == null ? Structural.NOTHING : items,
                        path + "[" + i + "]");
            }
        }
    }
}
