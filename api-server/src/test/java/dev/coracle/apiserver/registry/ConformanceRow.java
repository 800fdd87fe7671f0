package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the files below {@code conformance} say of one resource. */
record ConformanceRow(ObjectNode tree) {

    private static final List<String> FILES = List.of("core", "workloads", "networking", "cluster");

    /** All rows, in the order of the files. */
    static List<ConformanceRow> load() {
        List<ConformanceRow> rows = new ArrayList<>();
        for (String file : FILES) {
            try (InputStream in =
                    ConformanceRow.class.getResourceAsStream("/conformance/" + file + ".yaml")) {
                JsonNode list =
                        Json.MAPPER.valueToTree(new Yaml().load(Objects.requireNonNull(in)));
                Json.objects(list).forEach(row -> rows.add(new ConformanceRow(row)));
            } catch (IOException e) {
                throw new IllegalStateException("conformance/" + file, e);
            }
        }
        return rows;
    }

    /** {@code apps/v1/deployments}. */
    String resource() {
        return Json.text(tree, "resource");
    }

    String apiVersion() {
        return resource().substring(0, resource().lastIndexOf('/'));
    }

    String plural() {
        return resource().substring(resource().lastIndexOf('/') + 1);
    }

    boolean isStored() {
        return tree.has("object");
    }

    List<String> texts(String member) {
        return Json.texts(tree.path(member));
    }

    List<ObjectNode> edits(String member) {
        return Json.objects(tree.path(member));
    }

    Map<String, JsonNode> values(String member) {
        return values(tree.path(member));
    }

    static Map<String, JsonNode> values(JsonNode node) {
        Map<String, JsonNode> values = new java.util.LinkedHashMap<>();
        node.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
        return values;
    }

    /** The body of the object to create, after {@code edits}. */
    String body(Map<String, JsonNode> edits) {
        ObjectNode body = ((ObjectNode) tree.path("object")).deepCopy();
        ObjectNode metadata = Json.object(body, "metadata");
        metadata.put("name", tree.path("name").asString("example"));
        edit(body, edits);
        return body.toString();
    }

    /** Sets members by their JSON pointers; a null removes. */
    static void edit(ObjectNode tree, Map<String, JsonNode> edits) {
        edits.forEach((pointer, value) -> {
            String[] steps = pointer.substring(1).split("/", -1);
            JsonNode parent = tree;
            for (int i = 0; i < steps.length - 1; i++) {
                JsonNode next =
                        parent instanceof ArrayNode array
                                ? array.path(Integer.parseInt(steps[i]))
                                : parent.path(steps[i]);
                parent = next.isContainer() ? next : ((ObjectNode) parent).putObject(steps[i]);
            }
            String last = steps[steps.length - 1];
            if (parent instanceof ArrayNode array) {
                array.set(Integer.parseInt(last), value);
            } else if (value.isNull()) {
                ((ObjectNode) parent).remove(last);
            } else {
                ((ObjectNode) parent).set(last, value);
            }
        });
    }
}
