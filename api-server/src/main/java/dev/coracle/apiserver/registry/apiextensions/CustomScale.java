package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The scale subresource of a custom resource: where its counts and its selector are. */
record CustomScale(String specPath, String statusPath, String selectorPath) {

    /** Reads {@code subresources.scale}. */
    static CustomScale read(JsonNode scale) {
        return new CustomScale(
                dotted(scale, "specReplicasPath"),
                dotted(scale, "statusReplicasPath"),
                dotted(scale, "labelSelectorPath"));
    }

    private static String dotted(JsonNode scale, String member) {
        String path = Json.text(scale, member);
        return path.isEmpty() ? "" : path.substring(1);
    }

    ObjectNode of(ApiObject object) {
        ObjectNode scale = Json.newObject();
        scale.put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        ObjectNode metadata = scale.putObject("metadata");
        for (String member :
                List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            Json.setOrRemove(metadata, member, object.metadata().path(member));
        }
        scale.putObject("spec").put("replicas", object.at(specPath).asInt(0));
        ObjectNode status =
                scale.putObject("status").put("replicas", object.at(statusPath).asInt(0));
        if (!selectorPath.isEmpty() && !object.text(selectorPath).isEmpty()) {
            status.put("selector", object.text(selectorPath));
        }
        return scale;
    }

    void apply(ObjectNode scale, ApiObject object) {
        JsonNode replicas = Json.at(scale, "spec.replicas");
        int wanted = replicas.asInt(0);
        if (wanted < 0 || !(replicas.isMissingNode() || replicas.canConvertToInt())) {
            throw ApiException.invalid(
                    "autoscaling",
                    "Scale",
                    object.name(),
                    List.of(
                            FieldError.invalid(
                                    "spec.replicas",
                                    replicas,
                                    "should be a non-negative integer")));
        }
        String version = Json.text(scale, "metadata.resourceVersion");
        if (!version.isEmpty()) {
            object.metadata().put("resourceVersion", version);
        }
        String[] steps = specPath.split("\\.", -1);
        ObjectNode parent = object.tree();
        for (int i = 0; i < steps.length - 1; i++) {
            parent = Json.object(parent, steps[i]);
        }
        parent.put(steps[steps.length - 1], wanted);
    }
}
