package dev.coracle.apiserver.discovery;

import dev.coracle.apiserver.kubelet.ResourceMetrics;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The discovery documents, made from the registry. */
public final class DiscoveryDocuments {

    private final ResourceRegistry resources;

    public DiscoveryDocuments(ResourceRegistry resources) {
        this.resources = resources;
    }

    /** {@code GET /api}: the versions of the core group. */
    public ObjectNode coreVersions() {
        ObjectNode document = Json.newObject().put("kind", "APIVersions");
        document.putArray("versions").add("v1");
        document.putArray("serverAddressByClientCIDRs");
        return document;
    }

    /** {@code GET /apis}: the groups. */
    public ObjectNode groups() {
        ObjectNode document = Json.newObject().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = document.putArray("groups");
        resources
                .groups()
                .forEach((group, versions) -> {
                    if (!group.isEmpty()) {
                        groups.add(groupBody(group, versions));
                    }
                });
        groups.add(ResourceMetrics.groupEntry());
        return document;
    }

    /** {@code GET /apis/<group>}; empty when there is no such group. */
    public Optional<ObjectNode> findGroup(String group) {
        List<String> versions = resources.groups().get(group);
        if (group.isEmpty() || versions == null) {
            return Optional.empty();
        }
        ObjectNode document = Json.newObject().put("kind", "APIGroup").put("apiVersion", "v1");
        document.setAll(groupBody(group, versions));
        return Optional.of(document);
    }

    private static ObjectNode groupBody(String group, List<String> all) {
        ObjectNode body = Json.newObject().put("name", group);
        ArrayNode versions = body.putArray("versions");
        for (String version : all) {
            versions.addObject().put("groupVersion", group + "/" + version).put("version", version);
        }
        body.putObject("preferredVersion")
                .put("groupVersion", group + "/" + all.getFirst())
                .put("version", all.getFirst());
        return body;
    }

    /** {@code GET /api/v1} or {@code /apis/<group>/<version>}: the resources of one version. */
    public ObjectNode resources(String apiVersion) {
        ObjectNode document =
                Json.newObject()
                        .put("kind", "APIResourceList")
                        .put("apiVersion", "v1")
                        .put("groupVersion", apiVersion);
        ArrayNode list = document.putArray("resources");
        for (ResourceStrategy strategy : resources.in(apiVersion)) {
            ResourceDefinition definition = strategy.definition();
            ObjectNode entry =
                    list.addObject()
                            .put("name", definition.plural())
                            .put("singularName", definition.singular())
                            .put("namespaced", definition.namespaced())
                            .put("kind", definition.kind().kind());
            strings(entry.putArray("verbs"), definition.verbs());
            optional(entry, "shortNames", definition.shortNames());
            optional(entry, "categories", definition.categories());
            for (Subresource subresource : definition.subresources()) {
                ObjectNode sub =
                        list.addObject()
                                .put("name", definition.plural() + "/" + subresource.path())
                                .put("singularName", "")
                                .put("namespaced", definition.namespaced());
                kindOf(definition, subresource).forEach(sub::put);
                strings(sub.putArray("verbs"), verbsOf(subresource));
            }
        }
        return document;
    }

    /**
     * {@code GET /api} as {@code APIGroupDiscoveryList}; {@code version} is {@code v2} or {@code
     * v2beta1}.
     */
    public ObjectNode aggregatedCore(String version) {
        ResourceRegistry.Served served = resources.served();
        return aggregated(version, served, Map.of("", served.groups().getOrDefault("", List.of())));
    }

    /** {@code GET /apis} as {@code APIGroupDiscoveryList}. */
    public ObjectNode aggregatedGroups(String version) {
        ResourceRegistry.Served served = resources.served();
        Map<String, List<String>> groups = new java.util.LinkedHashMap<>(served.groups());
        groups.remove("");
        ObjectNode document = aggregated(version, served, groups);
        document.withArray("items").add(ResourceMetrics.aggregatedEntry());
        return document;
    }

    private static ObjectNode aggregated(
            String documentVersion,
            ResourceRegistry.Served served,
            Map<String, List<String>> groups) {
        ObjectNode document =
                Json.newObject()
                        .put("kind", "APIGroupDiscoveryList")
                        .put("apiVersion", "apidiscovery.k8s.io/" + documentVersion);
        document.putObject("metadata");
        ArrayNode items = document.putArray("items");
        groups.forEach((group, versions) -> {
            ObjectNode item = items.addObject();
            ObjectNode metadata = item.putObject("metadata");
            if (!group.isEmpty()) {
                metadata.put("name", group);
            }
            metadata.putNull("creationTimestamp");
            ArrayNode list = item.putArray("versions");
            for (String version : versions) {
                ObjectNode entry = list.addObject().put("version", version);
                ArrayNode resourceList = entry.putArray("resources");
                String apiVersion = group.isEmpty() ? version : group + "/" + version;
                served.in(apiVersion).forEach(strategy -> resourceList.add(aggregated(strategy)));
                entry.put("freshness", "Current");
            }
        });
        return document;
    }

    private static ObjectNode aggregated(ResourceStrategy strategy) {
        ResourceDefinition definition = strategy.definition();
        ObjectNode entry = Json.newObject().put("resource", definition.plural());
        entry.putObject("responseKind")
                .put("group", definition.group())
                .put("version", definition.kind().version())
                .put("kind", definition.kind().kind());
        entry.put("scope", definition.namespaced() ? "Namespaced" : "Cluster");
        entry.put("singularResource", definition.singular());
        strings(entry.putArray("verbs"), definition.verbs());
        optional(entry, "shortNames", definition.shortNames());
        optional(entry, "categories", definition.categories());
        if (!definition.subresources().isEmpty()) {
            ArrayNode list = entry.putArray("subresources");
            for (Subresource subresource : definition.subresources()) {
                ObjectNode sub = list.addObject().put("subresource", subresource.path());
                ObjectNode kind = sub.putObject("responseKind");
                kind.put("group", definition.group()).put("version", definition.kind().version());
                kindOf(definition, subresource).forEach(kind::put);
                strings(sub.putArray("verbs"), verbsOf(subresource));
            }
        }
        return entry;
    }

    private static Map<String, String> kindOf(
            ResourceDefinition definition, Subresource subresource) {
        return switch (subresource) {
            case STATUS, FINALIZE, APPROVAL, EPHEMERAL_CONTAINERS, LOG ->
                    Map.of("kind", definition.kind().kind());
            case EXEC -> Map.of("kind", "PodExecOptions");
            case ATTACH -> Map.of("kind", "PodAttachOptions");
            case PORT_FORWARD -> Map.of("kind", "PodPortForwardOptions");
            case SCALE -> Map.of("group", "autoscaling", "version", "v1", "kind", "Scale");
            case BINDING -> Map.of("kind", "Binding");
            case PROXY -> Map.of("kind", definition.kind().kind() + "ProxyOptions");
            case EVICTION -> Map.of("group", "policy", "version", "v1", "kind", "Eviction");
            case TOKEN ->
                    Map.of(
                            "group",
                            "authentication.k8s.io",
                            "version",
                            "v1",
                            "kind",
                            "TokenRequest");
        };
    }

    private static List<String> verbsOf(Subresource subresource) {
        return switch (subresource) {
            case STATUS, SCALE, APPROVAL, EPHEMERAL_CONTAINERS -> List.of("get", "patch", "update");
            case LOG -> List.of("get");
            case EXEC, ATTACH, PORT_FORWARD -> List.of("create", "get");
            case FINALIZE -> List.of("update");
            case BINDING, EVICTION, TOKEN -> List.of("create");
            case PROXY -> List.of("create", "delete", "get", "patch", "update");
        };
    }

    private static void optional(ObjectNode entry, String member, List<String> values) {
        if (!values.isEmpty()) {
            strings(entry.putArray(member), values);
        }
    }

    private static void strings(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }
}
