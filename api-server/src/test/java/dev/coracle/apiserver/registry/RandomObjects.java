package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Objects that fit their schema and nothing else: every value is one that has broken somebody. */
final class RandomObjects {

    private static final int MAX_DEPTH = 9;

    private static final List<String> TEXTS =
            List.of(
                    "",
                    "a",
                    "example.com/x",
                    "/",
                    "..",
                    "a/../b",
                    "*",
                    "-",
                    "%",
                    "0",
                    "-1",
                    "110%",
                    "1e999999999",
                    "1E-999",
                    ".5Gi",
                    "999999999999999999999999999999999999999",
                    "10.0.0.0/99",
                    "::1",
                    "fe80::1%eth0",
                    "255.255.255.256",
                    "* * * * *",
                    "@every 1s",
                    "0/0 1-0 ,, * *",
                    "2026-01-01T00:00:00Z",
                    "yesterday",
                    "Exists",
                    "In",
                    "cpu",
                    "storage",
                    "{}",
                    "[",
                    "null",
                    "\u0000",
                    "\ud83d\ude00 \u00e4",
                    "x".repeat(300));

    private static final List<Long> NUMBERS =
            List.of(
                    0L,
                    1L,
                    -1L,
                    65536L,
                    (long) Integer.MAX_VALUE,
                    (long) Integer.MIN_VALUE,
                    Long.MAX_VALUE,
                    Long.MIN_VALUE);

    private static final List<String> META = List.of("kind", "apiVersion", "metadata");

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final SchemaCatalog catalog;
    private final Random random;

    RandomObjects(SchemaCatalog catalog, long seed) {
        this.catalog = catalog;
        this.random = new Random(seed);
    }

    /** Some members of the definition, without {@code metadata}. */
    ObjectNode next(String definition) {
        ObjectNode object = (ObjectNode) value(catalog.struct(definition), 0);
        object.remove(META);
        return object;
    }

    /** Changes something in an object of the definition, most often where something is already. */
    void disturb(ObjectNode object, String definition) {
        disturb(object, catalog.struct(definition), 0);
    }

    private JsonNode disturb(JsonNode node, Schema schema, int depth) {
        Schema resolved = catalog.resolve(schema);
        if (resolved instanceof Schema.Struct struct && node instanceof ObjectNode object) {
            List<String> present = new ArrayList<>(object.propertyNames());
            present.removeAll(META);
            List<String> known = new ArrayList<>(struct.properties().keySet());
            known.removeAll(META);
            Collections.sort(known);
            boolean old = !present.isEmpty() && random.nextInt(5) > 0;
            List<String> names = old ? present : known;
            if (names.isEmpty()) {
                return node;
            }
            String name = names.get(random.nextInt(names.size()));
            Schema property = struct.properties().get(name);
            if (property != null) {
                object.set(
                        name,
                        old
                                ? disturb(object.path(name), property, depth + 1)
                                : value(property, depth + 1));
            }
            return node;
        }
        if (resolved instanceof Schema.ListOf list
                && node instanceof ArrayNode array
                && !array.isEmpty()
                && random.nextInt(4) > 0) {
            int i = random.nextInt(array.size());
            array.set(i, disturb(array.path(i), list.items(), depth + 1));
            return node;
        }
        return value(schema, depth);
    }

    private JsonNode value(Schema schema, int depth) {
        return switch (catalog.resolve(schema)) {
            case Schema.Struct struct -> {
                ObjectNode object = NODES.objectNode();
                if (depth < MAX_DEPTH) {
                    // sorted: the same seed makes the same objects
                    new TreeMap<>(struct.properties())
                            .forEach((name, property) -> {
                                // deep objects would be of any size, and required members say more
                                boolean wanted = struct.required().contains(name) || depth == 0;
                                if (random.nextInt(wanted ? 8 : 3 + depth) < (wanted ? 7 : 2)) {
                                    object.set(name, value(property, depth + 1));
                                }
                            });
                }
                yield object;
            }
            case Schema.ListOf list -> {
                ArrayNode array = NODES.arrayNode();
                for (int i = random.nextInt(3); i > 0; i--) {
                    array.add(value(list.items(), depth + 1));
                }
                yield array;
            }
            case Schema.MapOf map -> {
                ObjectNode object = NODES.objectNode();
                for (int i = random.nextInt(3); i > 0; i--) {
                    object.set(text(), value(map.values(), depth + 1));
                }
                yield object;
            }
            case Schema.Scalar scalar -> scalar(scalar);
            case Schema.Quantity _ ->
                    random.nextBoolean() ? NODES.stringNode(text()) : NODES.numberNode(number());
            case Schema.Any _ -> Json.MAPPER.readTree(random.nextBoolean() ? "{\"a\":[1]}" : "{}");
            case Schema.Reference reference -> throw new IllegalStateException(reference.name());
        };
    }

    private JsonNode scalar(Schema.Scalar scalar) {
        return switch (scalar.type()) {
            case "boolean" -> NODES.booleanNode(random.nextBoolean());
            case "integer" ->
                    scalar.format().equals("int32")
                            ? NODES.numberNode((int) number())
                            : NODES.numberNode(number());
            case "number" -> NODES.numberNode(random.nextDouble());
            default ->
                    scalar.format().equals("int-or-string") && random.nextBoolean()
                            ? NODES.numberNode((int) number())
                            : NODES.stringNode(text());
        };
    }

    private long number() {
        return NUMBERS.get(random.nextInt(NUMBERS.size()));
    }

    private String text() {
        return TEXTS.get(random.nextInt(TEXTS.size()));
    }
}
