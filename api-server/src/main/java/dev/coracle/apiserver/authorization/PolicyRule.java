package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.object.Json;
import java.util.List;
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

    /** Whether everything {@code other} allows is allowed by these rules together. */
    static boolean cover(List<PolicyRule> rules, PolicyRule other) {
        return other.verbs().stream()
                .allMatch(verb ->
                        other.nonResourceUrls().stream()
                                        .allMatch(url ->
                                                any(rules, Attributes.nonResource(verb, url)))
                                && other.apiGroups().stream()
                                        .allMatch(group ->
                                                coverResources(rules, other, verb, group)));
    }

    private static boolean coverResources(
            List<PolicyRule> rules, PolicyRule other, String verb, String group) {
        List<String> names = other.resourceNames().isEmpty() ? List.of("") : other.resourceNames();
        return other.resources().stream()
                .allMatch(resource ->
                        names.stream()
                                .allMatch(name -> any(rules, wanted(verb, group, resource, name))));
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

    private static boolean any(List<PolicyRule> rules, Attributes wanted) {
        return rules.stream().anyMatch(rule -> rule.allows(wanted));
    }
}
