package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The bodies of {@code metrics.k8s.io/v1beta1}. Pure. */
public final class ResourceMetrics {

    private static final String GROUP = "metrics.k8s.io";
    private static final String VERSION = "v1beta1";
    private static final String API_VERSION = GROUP + "/" + VERSION;
    private static final String WINDOW = "10s";

    private ResourceMetrics() {}

    /** What {@code /apis} says of the group. */
    public static ObjectNode groupEntry() {
        ObjectNode entry = Json.newObject().put("name", GROUP);
        entry.putArray("versions")
                .addObject()
                .put("groupVersion", API_VERSION)
                .put("version", VERSION);
        entry.putObject("preferredVersion")
                .put("groupVersion", API_VERSION)
                .put("version", VERSION);
        return entry;
    }

    /** The same for aggregated discovery. */
    public static ObjectNode aggregatedEntry() {
        ObjectNode item = Json.newObject();
        item.putObject("metadata").put("name", GROUP).putNull("creationTimestamp");
        ObjectNode version = item.putArray("versions").addObject().put("version", VERSION);
        ArrayNode resources = version.putArray("resources");
        for (Kind kind : Kind.values()) {
            ObjectNode entry = resources.addObject().put("resource", kind.plural);
            entry.putObject("responseKind")
                    .put("group", GROUP)
                    .put("version", VERSION)
                    .put("kind", kind.kind);
            entry.put("scope", kind.namespaced ? "Namespaced" : "Cluster");
            entry.put("singularResource", "");
            entry.putArray("verbs").add("get").add("list");
        }
        version.put("freshness", "Current");
        return item;
    }

    static ObjectNode group() {
        ObjectNode body = Json.newObject().put("kind", "APIGroup").put("apiVersion", "v1");
        body.setAll(groupEntry());
        return body;
    }

    static ObjectNode resources() {
        ObjectNode body =
                Json.newObject()
                        .put("kind", "APIResourceList")
                        .put("apiVersion", "v1")
                        .put("groupVersion", API_VERSION);
        ArrayNode list = body.putArray("resources");
        for (Kind kind : Kind.values()) {
            list.addObject()
                    .put("name", kind.plural)
                    .put("singularName", "")
                    .put("namespaced", kind.namespaced)
                    .put("kind", kind.kind)
                    .putArray("verbs")
                    .add("get")
                    .add("list");
        }
        return body;
    }

    /** Empty while the kubelet knows no rate yet. */
    static Optional<ObjectNode> node(ApiObject node, ObjectNode summary) {
        JsonNode own = summary.path("node");
        if (!hasRate(own)) {
            return Optional.empty();
        }
        ObjectNode body = body(node, "NodeMetrics", own);
        usage(body, own);
        return Optional.of(body);
    }

    /** Empty while the kubelet knows no rate of a container yet. */
    static Optional<ObjectNode> pod(ApiObject pod, ObjectNode summary) {
        List<ObjectNode> containers = Json.objects(summary.path("containers"));
        if (containers.isEmpty() || !containers.stream().allMatch(ResourceMetrics::hasRate)) {
            return Optional.empty();
        }
        ObjectNode body = body(pod, "PodMetrics", containers.getFirst());
        ArrayNode list = body.putArray("containers");
        for (ObjectNode container : containers) {
            ObjectNode entry = list.addObject().put("name", container.path("name").asString(""));
            usage(entry, container);
        }
        return Optional.of(body);
    }

    private static boolean hasRate(JsonNode stats) {
        return stats.path("cpu").has("usageNanoCores");
    }

    private static ObjectNode body(ApiObject object, String kind, JsonNode stats) {
        ObjectNode body = Json.newObject().put("kind", kind).put("apiVersion", API_VERSION);
        ObjectNode metadata = body.putObject("metadata").put("name", object.name());
        if (!object.namespace().isEmpty()) {
            metadata.put("namespace", object.namespace());
        }
        String time = stats.path("cpu").path("time").asString("");
        metadata.put("creationTimestamp", time);
        if (!object.labels().isEmpty()) {
            ObjectNode labels = metadata.putObject("labels");
            object.labels().forEach(labels::put);
        }
        return body.put("timestamp", time).put("window", WINDOW);
    }

    private static void usage(ObjectNode target, JsonNode stats) {
        target.putObject("usage")
                .put("cpu", stats.path("cpu").path("usageNanoCores").asLong(0) + "n")
                .put(
                        "memory",
                        stats.path("memory").path("workingSetBytes").asLong(0) / 1024 + "Ki");
    }

    private enum Kind {
        NODES("nodes", "NodeMetrics", false),
        PODS("pods", "PodMetrics", true);

        private final String plural;
        private final String kind;
        private final boolean namespaced;

        Kind(String plural, String kind, boolean namespaced) {
            this.plural = plural;
            this.kind = kind;
            this.namespaced = namespaced;
        }
    }
}
