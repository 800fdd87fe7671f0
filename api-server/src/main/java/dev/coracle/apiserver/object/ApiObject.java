package dev.coracle.apiserver.object;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Kubernetes object: a JSON tree with typed access to its metadata. Mutable; owned by one request
 * at a time. What the store holds is bytes, so changing an object read from it changes nothing
 * stored.
 */
public record ApiObject(ObjectNode tree) {

    public static ApiObject parse(byte[] json) {
        return new ApiObject((ObjectNode) Json.MAPPER.readTree(json));
    }

    public ApiObject copy() {
        return new ApiObject(tree.deepCopy());
    }

    public byte[] toBytes() {
        return Json.MAPPER.writeValueAsBytes(tree);
    }

    public String kind() {
        return Json.text(tree, "kind");
    }

    public String apiVersion() {
        return Json.text(tree, "apiVersion");
    }

    /** The metadata, created when missing. */
    public ObjectNode metadata() {
        return Json.object(tree, "metadata");
    }

    /** The spec, created when missing. */
    public ObjectNode spec() {
        return Json.object(tree, "spec");
    }

    /** The status, created when missing. */
    public ObjectNode status() {
        return Json.object(tree, "status");
    }

    /** The node at a dotted path, or a missing node. */
    public JsonNode at(String path) {
        return Json.at(tree, path);
    }

    /** The text at a dotted path, or empty. */
    public String text(String path) {
        return Json.text(tree, path);
    }

    public String name() {
        return text("metadata.name");
    }

    public String namespace() {
        return text("metadata.namespace");
    }

    public NamespacedName key() {
        return new NamespacedName(namespace(), name());
    }

    public String uid() {
        return text("metadata.uid");
    }

    /** The API's version token, or empty when the object carries none. */
    public String resourceVersion() {
        return text("metadata.resourceVersion");
    }

    public void setResourceVersion(long revision) {
        metadata().put("resourceVersion", Long.toString(revision));
    }

    public long generation() {
        return at("metadata.generation").asLong(0);
    }

    public Map<String, String> labels() {
        return Json.textMap(at("metadata.labels"));
    }

    public Map<String, String> annotations() {
        return Json.textMap(at("metadata.annotations"));
    }

    public List<String> finalizers() {
        return Json.texts(at("metadata.finalizers"));
    }

    /** RFC 3339, or null when the object is not being deleted. */
    public @Nullable String deletionTimestamp() {
        String timestamp = text("metadata.deletionTimestamp");
        return timestamp.isEmpty() ? null : timestamp;
    }

    public boolean isBeingDeleted() {
        return deletionTimestamp() != null;
    }
}
