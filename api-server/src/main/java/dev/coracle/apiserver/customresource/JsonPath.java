package dev.coracle.apiserver.customresource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A JSONPath as printer columns use it: members, quoted members, indexes, {@code [*]}, and filters
 * that compare a member with a value, such as {@code .status.conditions[?(@.type=="Ready")].status}
 * (Kubernetes: "JSONPath Support").
 */
public final class JsonPath {

    private static final Pattern STEP =
            Pattern.compile(
                    "\\.(?<name>(?:[^.\\[\\]\\\\]|\\\\.)+)"
                            + "|\\[['\"](?<quoted>(?:[^'\"\\\\]|\\\\.)*)['\"]\\]"
                            + "|\\[(?<index>-?[0-9]{1,9})\\]"
                            + "|(?<all>\\[\\*\\])"
                            + "|\\[\\?\\(\\s*@(?<left>[^=!<>\\s]+)\\s*"
                            + "(?<op>==|!=)\\s*(?<right>'[^']*'|\"[^\"]*\"|[^)\\s]+)\\s*\\)\\]");

    private interface Step {
        void apply(JsonNode node, List<JsonNode> found);
    }

    private final List<Step> steps;

    private JsonPath(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** Parses a path that begins with a dot; empty when it is none that is understood. */
    public static Optional<JsonPath> parse(String path) {
        List<Step> steps = new ArrayList<>();
        if (path.equals(".")) {
            return Optional.of(new JsonPath(steps));
        }
        Matcher matcher = STEP.matcher(path);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            @Nullable Step step = step(matcher);
            if (step == null) {
                return Optional.empty();
            }
            steps.add(step);
            end = matcher.end();
        }
        return end == path.length() ? Optional.of(new JsonPath(steps)) : Optional.empty();
    }

    /** All values the path leads to, in order. */
    public List<JsonNode> find(JsonNode root) {
        List<JsonNode> current = List.of(root);
        for (Step step : steps) {
            List<JsonNode> next = new ArrayList<>();
            current.forEach(node -> step.apply(node, next));
            current = next;
        }
        return current;
    }

    private static @Nullable Step step(Matcher matcher) {
        String name =
                matcher.group("name") == null ? matcher.group("quoted") : matcher.group("name");
        if (name != null) {
            String member = name.replaceAll("\\\\(.)", "$1");
            return member.equals("*")
                    ? JsonPath::children
                    : (node, found) -> add(node.path(member), found);
        }
        if (matcher.group("index") != null) {
            int index = Integer.parseInt(matcher.group("index"));
            return (node, found) -> add(node.path(index < 0 ? node.size() + index : index), found);
        }
        if (matcher.group("all") != null) {
            return JsonPath::children;
        }
        Optional<JsonPath> left = parse(matcher.group("left"));
        String right = matcher.group("right").replaceAll("^['\"]|['\"]$", "");
        boolean wanted = matcher.group("op").equals("==");
        return left.<Step>map(path ->
                        (node, found) ->
                                node.forEach(item -> {
                                    if (path.matches(item, right) == wanted) {
                                        found.add(item);
                                    }
                                }))
                .orElse(null);
    }

    private boolean matches(JsonNode item, String text) {
        return find(item).stream().anyMatch(value -> value.asString(value.toString()).equals(text));
    }

    private static void children(JsonNode node, List<JsonNode> found) {
        node.forEach(found::add);
    }

    private static void add(JsonNode node, List<JsonNode> found) {
        if (!node.isMissingNode()) {
            found.add(node);
        }
    }
}
