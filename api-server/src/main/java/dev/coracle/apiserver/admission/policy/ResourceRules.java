package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which requests a {@code matchConstraints} or {@code matchResources} is about. */
final class ResourceRules {

    private final WatchCache cache;
    private final ResourceRegistry resources;

    ResourceRules(WatchCache cache, ResourceRegistry resources) {
        this.cache = cache;
        this.resources = resources;
    }

    /** Whether the request is among them. A binding without rules is about all requests. */
    boolean match(JsonNode resourcesOf, AdmissionRequest request) {
        JsonNode rules = resourcesOf.path("resourceRules");
        boolean equivalent = !Json.text(resourcesOf, "matchPolicy").equals("Exact");
        return matchesNamespace(resourcesOf.path("namespaceSelector"), request)
                && matchesObject(resourcesOf.path("objectSelector"), request)
                && any(resourcesOf.path("excludeResourceRules"), request, equivalent).isEmpty()
                && (rules.isEmpty() || any(rules, request, equivalent).isPresent());
    }

    private Optional<ObjectNode> any(JsonNode rules, AdmissionRequest request, boolean equivalent) {
        return Json.objects(rules).stream()
                .filter(rule -> matches(rule, request, equivalent))
                .findFirst();
    }

    private boolean matches(ObjectNode rule, AdmissionRequest request, boolean equivalent) {
        List<String> names = Json.texts(rule.path("resourceNames"));
        String scope = Json.text(rule, "scope");
        boolean namespaced = request.resource().namespaced();
        return contains(rule.path("operations"), request.operation().name())
                && (names.isEmpty() || names.contains(request.name()))
                && (scope.isEmpty()
                        || scope.equals("*")
                        || scope.equals(namespaced ? "Namespaced" : "Cluster"))
                && (matchesResource(
                                rule,
                                request.resource().group(),
                                request.resource().kind().version(),
                                request)
                        || (equivalent && matchesOtherVersion(rule, request)));
    }

    /** Another name of the same resource: a second version, or a second group. */
    private boolean matchesOtherVersion(ObjectNode rule, AdmissionRequest request) {
        String storage = request.resource().storageKey();
        for (ResourceStrategy other : resources.all()) {
            if (other.definition().storageKey().equals(storage)
                    && matchesResource(
                            rule,
                            other.definition().group(),
                            other.definition().kind().version(),
                            request)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matchesResource(
            ObjectNode rule, String group, String version, AdmissionRequest request) {
        if (!contains(rule.path("apiGroups"), group)
                || !contains(rule.path("apiVersions"), version)) {
            return false;
        }
        String resource = request.resource().plural();
        String subresource = request.subresource();
        for (String wanted : Json.texts(rule.path("resources"))) {
            int slash = wanted.indexOf('/');
            String wantedResource = slash < 0 ? wanted : wanted.substring(0, slash);
            String wantedSubresource = slash < 0 ? "" : wanted.substring(slash + 1);
            // "*" is all resources without their subresources, "*/*" is everything
            if ((wantedResource.equals("*") || wantedResource.equals(resource))
                    && (wantedSubresource.equals(subresource) || wantedSubresource.equals("*"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(JsonNode list, String value) {
        List<String> values = Json.texts(list);
        return values.contains("*") || values.contains(value);
    }

    private boolean matchesNamespace(JsonNode selector, AdmissionRequest request) {
        LabelSelector wanted = LabelSelector.of(selector);
        if (wanted.isEverything()) {
            return true;
        }
        if (request.resource().storageKey().equals("namespaces")) {
            ApiObject namespace = request.object() == null ? request.old() : request.object();
            return namespace == null || wanted.matches(namespace.labels());
        }
        return request.namespace().isEmpty()
                || wanted.matches(
                        cache.find("namespaces", new NamespacedName("", request.namespace()))
                                .map(CachedObject::labels)
                                .orElse(Map.of()));
    }

    private static boolean matchesObject(JsonNode selector, AdmissionRequest request) {
        LabelSelector wanted = LabelSelector.of(selector);
        return wanted.isEverything()
                || (request.object() != null && wanted.matches(request.object().labels()))
                || (request.old() != null && wanted.matches(request.old().labels()));
    }
}
