package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A default must be valid where it stands, and must not lose anything to pruning. */
final class DefaultRules {

    private DefaultRules() {}

    static List<FieldError> check(ObjectNode schema, String path) {
        List<FieldError> errors = new ArrayList<>();
        node(schema, path, errors);
        return errors;
    }

    private static void node(ObjectNode schema, String path, List<FieldError> errors) {
        Structural structural = Structural.read(schema);
        @Nullable JsonNode value = structural.defaultValue();
        if (value != null) {
            defaultOf(value, structural, path + ".default", errors);
        }
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        node(property, path + ".properties[" + entry.getKey() + "]", errors);
                    }
                });
        for (String member : List.of("items", "additionalProperties")) {
            if (schema.path(member) instanceof ObjectNode child) {
                node(child, path + "." + member, errors);
            }
        }
    }

    private static void defaultOf(
            JsonNode value, Structural schema, String path, List<FieldError> errors) {
        ObjectNode holder = Json.newObject();
        holder.set("default", value.deepCopy());
        ObjectNode shape = Json.newObject();
        shape.putObject("properties").set("default", schema.source());
        List<String> removed = new ArrayList<>();
        Pruning.apply(holder, Structural.read(shape), removed);
        if (!removed.isEmpty()) {
            errors.add(FieldError.invalid(path, value, "must not have unknown fields"));
            return;
        }
        JsonNode filled = holder.path("default");
        Defaulting.apply(filled, schema);
        errors.addAll(new ValueValidator(schema.source()).validate(filled, path));
        ListUniqueness.check(filled, schema, path, errors);
        EmbeddedObjects.visit(
                filled, schema, path, (object, at) -> EmbeddedObjects.check(object, at, errors));
    }
}
