package dev.coracle.apiserver.selector;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A {@code labelSelector} parameter: requirements that must all hold (Kubernetes: Labels and
 * Selectors).
 */
public final class LabelSelector {

    private static final String KEY = "([A-Za-z0-9][-A-Za-z0-9_./]*)";
    private static final Pattern SET =
            Pattern.compile(KEY + "\\s+(in|notin)\\s*\\(([^()]*)\\)", Pattern.DOTALL);
    private static final Pattern EQUALITY =
            Pattern.compile(KEY + "\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)");
    private static final Pattern EXISTS = Pattern.compile("(!?)\\s*" + KEY);

    private final List<Requirement> requirements;

    private LabelSelector(List<Requirement> requirements) {
        this.requirements = List.copyOf(requirements);
    }

    /**
     * Parses {@code a=b,c!=d,e in (f,g),h notin (i),j,!k}; empty text matches everything.
     *
     * @throws ApiException 400 naming the part that is no requirement
     */
    public static LabelSelector parse(String text) {
        List<Requirement> requirements = new ArrayList<>();
        for (String part : split(text)) {
            requirements.add(requirement(part.strip(), text));
        }
        return new LabelSelector(requirements);
    }

    /**
     * Reads a {@code LabelSelector} object that has been validated; an empty one matches
     * everything.
     */
    public static LabelSelector of(JsonNode selector) {
        List<Requirement> requirements = new ArrayList<>();
        Json.textMap(selector.path("matchLabels"))
                .forEach((key, value) -> requirements.add(new Requirement.In(key, Set.of(value))));
        for (JsonNode expression : Json.objects(selector.path("matchExpressions"))) {
            String key = Json.text(expression, "key");
            Set<String> values = new TreeSet<>(Json.texts(expression.path("values")));
            requirements.add(
                    switch (Json.text(expression, "operator")) {
                        case "In" -> new Requirement.In(key, values);
                        case "NotIn" -> new Requirement.NotIn(key, values);
                        case "Exists" -> new Requirement.Exists(key);
                        default -> new Requirement.NotExists(key);
                    });
        }
        return new LabelSelector(requirements);
    }

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.matches(labels));
    }

    public boolean isEverything() {
        return requirements.isEmpty();
    }

    private static Requirement requirement(String part, String whole) {
        Matcher set = SET.matcher(part);
        if (set.matches()) {
            Set<String> values = new TreeSet<>();
            for (String value : set.group(3).split(",", -1)) {
                values.add(value.strip());
            }
            return set.group(2).equals("in")
                    ? new Requirement.In(set.group(1), values)
                    : new Requirement.NotIn(set.group(1), values);
        }
        Matcher equality = EQUALITY.matcher(part);
        if (equality.matches()) {
            Set<String> value = Set.of(equality.group(3));
            return equality.group(2).equals("!=")
                    ? new Requirement.NotIn(equality.group(1), value)
                    : new Requirement.In(equality.group(1), value);
        }
        Matcher exists = EXISTS.matcher(part);
        if (exists.matches()) {
            return exists.group(1).isEmpty()
                    ? new Requirement.Exists(exists.group(2))
                    : new Requirement.NotExists(exists.group(2));
        }
        throw ApiException.badRequest(
                "unable to parse requirement: found '"
                        + part
                        + "' in \""
                        + whole
                        + "\", expected: key, !key, key=value, key!=value, key in (values) or key notin"
                        + " (values)");
    }

    /** Splits at commas outside parentheses. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        String last = text.substring(start);
        if (!last.isBlank() || !parts.isEmpty()) {
            parts.add(last);
        }
        return parts;
    }
}
