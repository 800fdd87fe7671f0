package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.Schema.ListType;
import dev.coracle.apiserver.schema.Schema.MergeStrategy;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A structural schema as the shape that patches and server-side apply work on. */
final class SchemaShape {

    static final String OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    private SchemaShape() {}

    /** The shape of a whole resource, with the members every object has. */
    static Schema.Struct ofResource(Structural root) {
        Map<String, Schema> properties = new HashMap<>();
        root.properties().forEach((name, schema) -> properties.put(name, of(schema)));
        properties.put("apiVersion", new Schema.Scalar("string", ""));
        properties.put("kind", new Schema.Scalar("string", ""));
        properties.put("metadata", new Schema.Reference(OBJECT_META, MergeStrategy.NONE));
        return new Schema.Struct(
                Map.copyOf(properties), Set.of(), MergeStrategy.NONE, isAtomic(root));
    }

    private static Schema of(Structural schema) {
        if (schema.extensions().embedsResource()) {
            return ofResource(schema);
        }
        return switch (schema.type()) {
            case "array" ->
                    schema.items() == null
                            ? new Schema.Any()
                            : new Schema.ListOf(
                                    of(schema.items()), MergeStrategy.NONE, listType(schema));
            case "object" -> object(schema);
            case "string", "integer", "number", "boolean" ->
                    new Schema.Scalar(schema.type(), Json.text(schema.source(), "format"));
            default -> new Schema.Any();
        };
    }

    private static Schema object(Structural schema) {
        if (schema.additional() != null) {
            return new Schema.MapOf(of(schema.additional()), isAtomic(schema));
        }
        if (schema.properties().isEmpty()) {
            return new Schema.Any();
        }
        Map<String, Schema> properties = new HashMap<>();
        schema.properties().forEach((name, property) -> properties.put(name, of(property)));
        return new Schema.Struct(
                Map.copyOf(properties), Set.of(), MergeStrategy.NONE, isAtomic(schema));
    }

    private static boolean isAtomic(Structural schema) {
        return schema.extensions().mapType().equals("atomic");
    }

    private static ListType listType(Structural schema) {
        return switch (schema.extensions().listType()) {
            case "set" -> new ListType.SetOf();
            case "map" -> {
                Map<String, JsonNode> defaults = new HashMap<>();
                for (String key : schema.extensions().listMapKeys()) {
                    Structural property =
                            schema.items() == null ? null : schema.items().properties().get(key);
                    JsonNode value = property == null ? null : property.defaultValue();
                    if (value != null) {
                        defaults.put(key, value);
                    }
                }
                yield new ListType.MapBy(schema.extensions().listMapKeys(), defaults);
            }
            default -> ListType.ATOMIC;
        };
    }
}
