package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.object.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What a role allows (rbac.authorization.k8s.io/v1 PolicyRule). */
public record PolicyRule(
        List<String> verbs,
        List<String> apiGroups,
        List<String> resources,
        List<String> resourceNames,
        List<String> nonResourceUrls) {

    public PolicyRule {
        verbs = List.copyOf(verbs);
        apiGroups = List.copyOf(apiGroups);
        resources = List.copyOf(resources);
        resourceNames = List.copyOf(resourceNames);
        nonResourceUrls = List.copyOf(nonResourceUrls);
    }

    static List<PolicyRule> list(JsonNode rules) {
        return Json.objects(rules).stream().map(PolicyRule::of).toList();
    }

    private static PolicyRule of(JsonNode rule) {
        return new PolicyRule(
                Json.texts(rule.path("verbs")),
                Json.texts(rule.path("apiGroups")),
                Json.texts(rule.path("resources")),
                Json.texts(rule.path("resourceNames")),
                Json.texts(rule.path("nonResourceURLs")));
    }

    public boolean allows(Attributes wanted) {
        if (!has(verbs, wanted.verb())) {
            return false;
        }
        if (!wanted.isResource()) {
            return nonResourceUrls.stream().anyMatch(url -> matches(url, wanted.path()));
        }
        return has(apiGroups, wanted.group())
                && hasResource(wanted)
                && (resourceNames.isEmpty() || resourceNames.contains(wanted.name()));
    }

    private boolean hasResource(Attributes wanted) {
        return has(resources, wanted.resourceAndSubresource())
                || (!wanted.subresource().isEmpty()
                        && resources.contains("*/" + wanted.subresource()));
    }

    private static boolean has(List<String> allowed, String wanted) {
        return allowed.contains("*") || allowed.contains(wanted);
    }

    private static boolean matches(String url, String path) {
        return url.equals("*")
                || url.equals(path)
                || (url.endsWith("*") && path.startsWith(url.substring(0, url.length() - 1)));
    }

    /** What of {@code wanted} is not covered by {@code own}, the verbs of a resource together. */
    static List<PolicyRule> missing(List<PolicyRule> own, List<PolicyRule> wanted) {
        Map<List<String>, List<String>> verbs = new LinkedHashMap<>();
        List<PolicyRule> missing = new ArrayList<>();
        for (PolicyRule rule : wanted) {
            for (Attributes part : rule.parts()) {
                if (own.stream().anyMatch(held -> held.allows(part))) {
                    continue;
                }
                if (part.isResource() && part.name().isEmpty()) {
                    verbs.computeIfAbsent(
                                    List.of(part.group(), part.resourceAndSubresource()),
                                    _ -> new ArrayList<>())
                            .add(part.verb());
                } else {
                    missing.add(only(part));
                }
            }
        }
        verbs.forEach((of, list) ->
                missing.add(
                        new PolicyRule(
                                list,
                                List.of(of.getFirst()),
                                List.of(of.getLast()),
                                List.of(),
                                List.of())));
        return missing;
    }

    private static PolicyRule only(Attributes part) {
        List<String> verb = List.of(part.verb());
        return part.isResource()
                ? new PolicyRule(
                        verb,
                        List.of(part.group()),
                        List.of(part.resourceAndSubresource()),
                        List.of(part.name()),
                        List.of())
                : new PolicyRule(verb, List.of(), List.of(), List.of(), List.of(part.path()));
    }

    /** Everything the rule allows, one by one; a {@code *} stays what it is. */
    private List<Attributes> parts() {
        List<String> names = resourceNames.isEmpty() ? List.of("") : resourceNames;
        List<Attributes> parts = new ArrayList<>();
        for (String group : apiGroups) {
            for (String resource : resources) {
                for (String verb : verbs) {
                    names.forEach(name -> parts.add(wanted(verb, group, resource, name)));
                }
            }
        }
        for (String url : nonResourceUrls) {
            verbs.forEach(verb -> parts.add(Attributes.nonResource(verb, url)));
        }
        return parts;
    }

    private static Attributes wanted(String verb, String group, String resource, String name) {
        int slash = resource.indexOf('/');
        return new Attributes(
                verb,
                group,
                "",
                slash < 0 ? resource : resource.substring(0, slash),
                slash < 0 ? "" : resource.substring(slash + 1),
                "",
                name,
                "");
    }

    /** As upstream's messages show a rule. */
    String compact() {
        Map<String, List<String>> members = new LinkedHashMap<>();
        members.put("APIGroups", apiGroups);
        members.put("Resources", resources);
        members.put("NonResourceURLs", nonResourceUrls);
        members.put("ResourceNames", resourceNames);
        members.put("Verbs", verbs);
        return members.entrySet().stream()
                .filter(member -> !member.getValue().isEmpty())
                .map(member -> member.getKey() + ":" + quoted(member.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** {@code ["a" "b"]}. */
    static String quoted(List<String> values) {
        return values.stream()
                .map(value -> "\"" + value + "\"")
                .collect(Collectors.joining(" ", "[", "]"));
    }
}
