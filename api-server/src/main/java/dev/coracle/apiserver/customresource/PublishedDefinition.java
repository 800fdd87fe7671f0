package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A CRD's schema as the OpenAPI documents show it: with the members every object has. */
final class PublishedDefinition {

    private static final String API_VERSION =
            "APIVersion defines the versioned schema of this representation of an object. Servers"
                    + " should convert recognized schemas to the latest internal value, and may reject"
                    + " unrecognized values. More info:"
                    + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
    private static final String KIND =
            "Kind is a string value representing the REST resource this object represents. Servers"
                    + " may infer this from the endpoint the client submits requests to. Cannot be"
                    + " updated. In CamelCase. More info:"
                    + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
    private static final String METADATA =
            "Standard object's metadata. More info:"
                    + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    private PublishedDefinition() {}

    /** {@code com.example.stable.v1.CronTab} for a kind of {@code stable.example.com/v1}. */
    static String name(GroupVersionKind kind) {
        List<String> parts = new ArrayList<>(List.of(kind.group().split("\\.", -1)));
        Collections.reverse(parts);
        return String.join(".", parts) + "." + kind.version() + "." + kind.kind();
    }

    static ObjectNode of(ObjectNode schema, GroupVersionKind kind) {
        ObjectNode published = schema.deepCopy();
        published.put("type", "object");
        published.remove("nullable");
        addObjectMembers(published);
        embed(published);
        published
                .putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", kind.group())
                .put("kind", kind.kind())
                .put("version", kind.version());
        return published;
    }

    private static void addObjectMembers(ObjectNode schema) {
        ObjectNode properties = Json.object(schema, "properties");
        properties.putObject("apiVersion").put("description", API_VERSION).put("type", "string");
        properties.putObject("kind").put("description", KIND).put("type", "string");
        ObjectNode metadata = properties.putObject("metadata").put("description", METADATA);
        metadata.putArray("allOf")
                .addObject()
                .put("$ref", "#/components/schemas/" + SchemaShape.OBJECT_META);
    }

    /** Embedded resources have these members too. */
    private static void embed(ObjectNode schema) {
        List<ObjectNode> children = new ArrayList<>();
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode child) {
                        children.add(child);
                    }
                });
        for (String member : List.of("items", "additionalProperties")) {
            if (schema.path(member) instanceof ObjectNode child) {
                children.add(child);
            }
        }
        for (ObjectNode child : children) {
            embed(child);
            if (child.path("x-kubernetes-embedded-resource").asBoolean(false)) {
                addObjectMembers(child);
            }
        }
    }
}
