package dev.coracle.e2e;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests that a Kubernetes API must refuse, made from its OpenAPI documents. Each is wrong by
 * construction; the same seed makes the same requests.
 */
final class BadRequests {

    /**
     * One request.
     *
     * @param wrong what is wrong with it, for the report
     */
    record BadRequest(
            String wrong, String method, String path, Map<String, String> headers, byte[] body) {

        @Override
        public String toString() {
            String text = new String(body, StandardCharsets.UTF_8);
            return wrong
                    + ": "
                    + method
                    + " "
                    + path
                    + " "
                    + headers
                    + " "
                    + text.substring(0, Math.min(300, text.length()));
        }
    }

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String REFERENCE = "#/components/schemas/";
    private static final List<String> PATCHES =
            List.of(
                    "application/json-patch+json",
                    "application/merge-patch+json",
                    "application/strategic-merge-patch+json",
                    "application/apply-patch+yaml");

    private final Random random;
    private final List<Collection> collections = new ArrayList<>();

    /** A collection that takes new objects, and its document's schemas. */
    private record Collection(String path, String schema, JsonNode schemas) {}

    BadRequests(long seed, List<JsonNode> documents) {
        random = new Random(seed);
        for (JsonNode document : documents) {
            JsonNode schemas = document.path("components").path("schemas");
            for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
                JsonNode reference =
                        path.getValue()
                                .path("post")
                                .path("requestBody")
                                .path("content")
                                .path("application/json")
                                .path("schema")
                                .path("$ref");
                if (!reference.isMissingNode() && !path.getKey().contains("{name}")) {
                    collections.add(
                            new Collection(
                                    path.getKey().replace("{namespace}", "default"),
                                    reference.asString().substring(REFERENCE.length()),
                                    schemas));
                }
            }
        }
        if (collections.size() < 30) {
            throw new AssertionError("only " + collections.size() + " collections are documented");
        }
    }

    BadRequest next() {
        Collection where = collections.get(random.nextInt(collections.size()));
        return switch (random.nextInt(9)) {
            case 0 -> malformedBody(where);
            case 1, 2 -> wrongType(where);
            case 3 -> unknownField(where);
            case 4 -> wrongName(where);
            case 5 -> badPath(where);
            case 6 -> badParameter(where);
            case 7 -> badPatch(where);
            default -> badHeader(where);
        };
    }

    private BadRequest malformedBody(Collection where) {
        byte[] valid = JSON.writeValueAsBytes(example(where));
        byte[] body =
                switch (random.nextInt(6)) {
                    case 0 -> java.util.Arrays.copyOf(valid, 1 + random.nextInt(valid.length - 1));
                    case 1 -> noise();
                    case 2 -> text("[" + new String(valid, StandardCharsets.UTF_8) + "]");
                    case 3 -> text("\"text\"");
                    case 4 -> text("{\"a\":".repeat(2000));
                    default -> text(new String(valid, StandardCharsets.UTF_8) + "}");
                };
        String type =
                pick(
                        "application/json",
                        "application/vnd.kubernetes.protobuf",
                        "application/yaml",
                        "text/plain");
        boolean yaml = type.endsWith("yaml");
        return request(
                "malformed body",
                "POST",
                where.path(),
                type,
                // what is broken JSON may be good YAML
                yaml ? text("a: [b\n c: {") : body);
    }

    private BadRequest wrongType(Collection where) {
        ObjectNode object = example(where);
        List<String> at = new ArrayList<>();
        if (!corrupt(object, where.schemas().path(where.schema()), where.schemas(), at, 0)) {
            // anything fits there: the whole object is wrong instead
            object.put("metadata", 7);
            at.add("metadata");
        }
        return request(
                "wrong type at " + at,
                "POST",
                where.path(),
                "application/json",
                JSON.writeValueAsBytes(object));
    }

    private BadRequest unknownField(Collection where) {
        ObjectNode object = example(where);
        object.put("frob" + random.nextInt(100), 1);
        return request(
                "unknown field",
                "POST",
                where.path() + "?fieldValidation=Strict",
                "application/json",
                JSON.writeValueAsBytes(object));
    }

    private BadRequest wrongName(Collection where) {
        if (where.path().endsWith("reviews")) {
            return unknownField(where);
        }
        ObjectNode object = example(where);
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        switch (random.nextInt(4)) {
            case 0 -> metadata.put("name", pick("A_b!", "-", "a b", "ü", "a/b", ".", ".."));
            case 1 -> metadata.put("name", "a".repeat(300));
            case 2 -> metadata.put("namespace", "another");
            default -> object.put("kind", "Frob");
        }
        metadata.putObject("labels").put("a b", "c d");
        return request(
                "wrong name",
                "POST",
                where.path(),
                "application/json",
                JSON.writeValueAsBytes(object));
    }

    private BadRequest badPath(Collection where) {
        String path =
                switch (random.nextInt(6)) {
                    case 0 -> where.path() + "/a/b/c/d";
                    case 1 -> where.path().replaceFirst("/v\\d", "/v9");
                    case 2 -> where.path() + "/no%2Fsuch%00name";
                    case 3 -> "/apis/frob.example.com/v1/" + word();
                    case 4 -> "/api/v1/namespaces//" + word();
                    default -> where.path() + "/" + word() + "/" + word();
                };
        return request(
                "bad path",
                pick("GET", "PUT", "DELETE", "PATCH", "POST"),
                path,
                "application/json",
                text("{}"));
    }

    private BadRequest badParameter(Collection where) {
        String query =
                pick(
                        "limit=-1",
                        "limit=x",
                        "resourceVersion=abc",
                        "resourceVersion=999999999999999",
                        "resourceVersionMatch=Exact",
                        "resourceVersion=1&resourceVersionMatch=Frob",
                        "continue=frob",
                        "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ",
                        "labelSelector=a%20in%20(",
                        "labelSelector=%21%21a",
                        "labelSelector=a%3D%3D%3Db",
                        "fieldSelector=frob%3Dx",
                        "fieldSelector=metadata.name",
                        "watch=true&resourceVersionMatch=Exact",
                        "watch=true&sendInitialEvents=true",
                        "watch=true&timeoutSeconds=x",
                        "watch=maybe");
        return request("bad parameter", "GET", where.path() + "?" + query, "", new byte[0]);
    }

    private BadRequest badPatch(Collection where) {
        String type = pick(PATCHES.toArray(String[]::new));
        String body =
                pick(
                        "[",
                        "{",
                        "[{\"op\":\"frob\",\"path\":\"/a\"}]",
                        "[{\"op\":\"add\"}]",
                        "[{\"op\":\"remove\",\"path\":\"a\"}]",
                        "{\"$patch\":\"frob\"}",
                        "{\"metadata\":[1]}",
                        "\"text\"",
                        "[[]]",
                        "{\"apiVersion\":\"v9\",\"kind\":\"Frob\"}");
        String path = where.path() + "/no-such-object";
        if (type.equals("application/apply-patch+yaml")) {
            // this one would create the object, so its manager is wrong as well
            path += pick("", "?fieldManager=" + "m".repeat(200), "?fieldManager=x&force=maybe");
        }
        return request("bad patch", "PATCH", path, type, text(body));
    }

    private BadRequest badHeader(Collection where) {
        ObjectNode object = example(where);
        ((ObjectNode) object.path("metadata")).put("name", "A_b!").put("frob", 1);
        Map<String, String> headers = new LinkedHashMap<>();
        switch (random.nextInt(5)) {
            case 0 -> headers.put("Accept", pick("text/html", "frob", "application/json;as=Frob"));
            case 1 ->
                    headers.put(
                            "Content-Type", pick("frob", "image/png", "application/xml", "a/b;c"));
            case 2 ->
                    headers.put("Authorization", pick("Bearer frob", "Basic YTpi", "Bearer a.b.c"));
            case 3 -> headers.put("Impersonate-Group", "people");
            default -> headers.put("Impersonate-User", "system:serviceaccount:broken");
        }
        headers.putIfAbsent("Content-Type", "application/json");
        return new BadRequest(
                "bad header",
                "POST",
                where.path() + "?fieldValidation=Strict",
                headers,
                JSON.writeValueAsBytes(object));
    }

    /** An object with a good name and little else. */
    private ObjectNode example(Collection where) {
        JsonNode kind =
                where.schemas()
                        .path(where.schema())
                        .path("x-kubernetes-group-version-kind")
                        .path(0);
        ObjectNode object = JSON.createObjectNode();
        if (!kind.isMissingNode()) {
            String group = kind.path("group").asString("");
            String version = kind.path("version").asString("");
            object.put("apiVersion", group.isEmpty() ? version : group + "/" + version);
            object.put("kind", kind.path("kind").asString(""));
        }
        object.putObject("metadata").put("name", "bad-" + random.nextInt(1000));
        return object;
    }

    /**
     * Puts a value of the wrong type somewhere, as deep as chance leads; false where everything
     * fits.
     */
    private boolean corrupt(
            ObjectNode object, JsonNode schema, JsonNode schemas, List<String> at, int depth) {
        List<String> names = new ArrayList<>();
        schema.path("properties").propertyNames().forEach(names::add);
        names.removeAll(List.of("status", "apiVersion", "kind"));
        if (names.isEmpty()) {
            return false;
        }
        String name = names.get(random.nextInt(names.size()));
        at.add(name);
        JsonNode property = resolved(schema.path("properties").path(name), schemas);
        boolean descends = property.has("properties") && depth < 6 && random.nextInt(4) > 0;
        if (descends) {
            ObjectNode below =
                    object.path(name) instanceof ObjectNode there ? there : object.putObject(name);
            return corrupt(below, property, schemas, at, depth + 1);
        }
        if (property.path("type").asString("").equals("array")
                && resolved(property.path("items"), schemas).has("properties")
                && depth < 6
                && random.nextBoolean()) {
            ArrayNode list = object.putArray(name);
            return corrupt(
                    list.addObject(),
                    resolved(property.path("items"), schemas),
                    schemas,
                    at,
                    depth + 1);
        }
        JsonNode wrong = wrongValue(property);
        if (wrong.isMissingNode()) {
            return false;
        }
        object.set(name, wrong);
        return true;
    }

    private JsonNode wrongValue(JsonNode property) {
        return switch (property.path("type").asString("")) {
            case "string" ->
                    random.nextBoolean()
                            ? NODES.objectNode().put("a", 1)
                            : NODES.arrayNode().add(1);
            case "integer" -> random.nextBoolean() ? NODES.stringNode("x") : NODES.numberNode(1.5);
            case "number" -> NODES.stringNode("x");
            case "boolean" -> random.nextBoolean() ? NODES.stringNode("true") : NODES.numberNode(1);
            case "array" -> random.nextBoolean() ? NODES.stringNode("x") : NODES.objectNode();
            case "object" ->
                    property.path("x-kubernetes-preserve-unknown-fields").asBoolean(false)
                            ? NODES.missingNode()
                            : NODES.arrayNode().add("x");
            default -> NODES.missingNode();
        };
    }

    private static JsonNode resolved(JsonNode schema, JsonNode schemas) {
        String reference =
                schema.path("$ref")
                        .asString(schema.path("allOf").path(0).path("$ref").asString(""));
        return reference.isEmpty() ? schema : schemas.path(reference.substring(REFERENCE.length()));
    }

    private byte[] noise() {
        byte[] noise = new byte[random.nextInt(200) + 1];
        random.nextBytes(noise);
        return noise;
    }

    private String word() {
        return pick(
                "frob", "pods", "status", "scale", "finalize", "x%20y", "namespaces", "binding");
    }

    private String pick(String... from) {
        return from[random.nextInt(from.length)];
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static BadRequest request(
            String wrong, String method, String path, String type, byte[] body) {
        return new BadRequest(
                wrong,
                method,
                path,
                type.isEmpty() ? Map.of() : Map.of("Content-Type", type),
                body);
    }
}
