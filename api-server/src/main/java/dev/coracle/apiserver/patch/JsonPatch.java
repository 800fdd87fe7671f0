package dev.coracle.apiserver.patch;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Patch (RFC 6902) over JSON Pointers (RFC 6901). */
final class JsonPatch implements Patch {

    private static final int MAX_OPERATIONS = 10_000;

    private record Operation(
            String op,
            List<String> path,
            String pointer,
            List<String> from,
            @Nullable JsonNode value) {}

    private final List<Operation> operations;

    private JsonPatch(List<Operation> operations) {
        this.operations = operations;
    }

    static JsonPatch parse(JsonNode body) {
        if (!body.isArray()) {
            throw ApiException.badRequest("a JSON patch is an array of operations");
        }
        if (body.size() > MAX_OPERATIONS) {
            throw ApiException.tooLarge(
                    "the JSON patch has "
                            + body.size()
                            + " operations; at most "
                            + MAX_OPERATIONS
                            + " are allowed");
        }
        List<Operation> operations = new ArrayList<>();
        for (JsonNode item : body) {
            String op = item.path("op").asString("");
            if (!List.of("add", "remove", "replace", "move", "copy", "test").contains(op)) {
                throw ApiException.badRequest("unknown JSON patch operation \"" + op + "\"");
            }
            String path = item.path("path").asString("");
            JsonNode value = item.has("value") ? item.get("value") : null;
            if (value == null && List.of("add", "replace", "test").contains(op)) {
                throw ApiException.badRequest(
                        "the \"" + op + "\" of \"" + path + "\" has no value");
            }
            operations.add(
                    new Operation(
                            op,
                            pointer(path),
                            path,
                            pointer(item.path("from").asString("")),
                            value));
        }
        return new JsonPatch(List.copyOf(operations));
    }

    @Override
    public ObjectNode applyTo(ObjectNode original) {
        // a holder gives the whole document a parent, so that the empty pointer needs no special
        // case
        ObjectNode holder = Json.newObject();
        holder.set("", original.deepCopy());
        for (Operation operation : operations) {
            apply(holder, operation);
        }
        if (holder.get("") instanceof ObjectNode result) {
            return result;
        }
        throw ApiException.badRequest("the patched document is not an object");
    }

    private static void apply(ObjectNode holder, Operation operation) {
        switch (operation.op()) {
            case "add" -> add(holder, operation, value(operation));
            case "remove" -> remove(holder, operation.path(), operation);
            case "replace" -> {
                remove(holder, operation.path(), operation);
                add(holder, operation, value(operation));
            }
            case "move" -> add(holder, operation, remove(holder, operation.from(), operation));
            case "copy" ->
                    add(holder, operation, find(holder, operation.from(), operation).deepCopy());
            case "test" -> {
                if (!find(holder, operation.path(), operation).equals(value(operation))) {
                    throw failure(operation, "testing value failed");
                }
            }
            default -> throw new IllegalStateException(operation.op());
        }
    }

    private static JsonNode value(Operation operation) {
        JsonNode value = operation.value();
        if (value == null) {
            throw new IllegalStateException("no value in '" + operation.op() + "'");
        }
        return value.deepCopy();
    }

    private static void add(ObjectNode holder, Operation operation, JsonNode value) {
        List<String> path = operation.path();
        JsonNode parent = find(holder, path.subList(0, path.size() - 1), operation);
        String last = path.getLast();
        switch (parent) {
            case ObjectNode object -> object.set(last, value);
            case ArrayNode array ->
                    array.insert(
                            last.equals("-") ? array.size() : index(last, array.size(), operation),
                            value);
            default -> throw failure(operation, "the parent is no object or array");
        }
    }

    private static JsonNode remove(ObjectNode holder, List<String> path, Operation operation) {
        JsonNode parent = find(holder, path.subList(0, path.size() - 1), operation);
        String last = path.getLast();
        JsonNode removed =
                switch (parent) {
                    case ObjectNode object -> object.remove(last);
                    case ArrayNode array -> array.remove(index(last, array.size() - 1, operation));
                    default -> null;
                };
        if (removed == null) {
            throw failure(operation, "nothing there");
        }
        return removed;
    }

    private static JsonNode find(JsonNode holder, List<String> path, Operation operation) {
        JsonNode node = holder;
        for (String step : path) {
            node =
                    switch (node) {
                        case ObjectNode object -> object.path(step);
                        case ArrayNode array ->
                                array.path(index(step, array.size() - 1, operation));
                        default -> throw failure(operation, "nothing there");
                    };
        }
        if (node.isMissingNode()) {
            throw failure(operation, "nothing there");
        }
        return node;
    }

    private static int index(String step, int max, Operation operation) {
        if (!step.matches("0|[1-9][0-9]{0,8}") || Integer.parseInt(step) > max) {
            throw failure(operation, "no index \"" + step + "\"");
        }
        return Integer.parseInt(step);
    }

    private static List<String> pointer(String text) {
        if (!text.isEmpty() && !text.startsWith("/")) {
            throw ApiException.badRequest("\"" + text + "\" is no JSON pointer");
        }
        List<String> steps = new ArrayList<>();
        for (String step : text.split("/", -1)) {
            steps.add(step.replace("~1", "/").replace("~0", "~"));
        }
        return List.copyOf(steps);
    }

    private static ApiException failure(Operation operation, String why) {
        return ApiException.unprocessablePatch(
                operation.op()
                        + " operation does not apply at \""
                        + operation.pointer()
                        + "\": "
                        + why);
    }
}
