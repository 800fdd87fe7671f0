package dev.coracle.apiserver.customresource.rule;

import dev.coracle.apiserver.object.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One entry of {@code x-kubernetes-validations}. Texts that are not given are empty.
 *
 * @param optionalOldSelf whether it is evaluated without an old value too
 */
public record Rule(
        String rule,
        String message,
        String messageExpression,
        String reason,
        String fieldPath,
        boolean optionalOldSelf) {

    /** The rules of a schema node. */
    public static List<Rule> all(JsonNode schema) {
        return Json.objects(schema.path("x-kubernetes-validations")).stream()
                .map(Rule::read)
                .toList();
    }

    private static Rule read(ObjectNode node) {
        return new Rule(
                Json.text(node, "rule"),
                Json.text(node, "message"),
                Json.text(node, "messageExpression"),
                Json.text(node, "reason"),
                Json.text(node, "fieldPath"),
                node.path("optionalOldSelf").asBoolean(false));
    }

    /** What stands for the rule in an error: its message, or itself. */
    String label() {
        return message.isEmpty() ? rule.strip() : message.strip();
    }
}
