package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The autoscaling/v1 view of a workload's replica count. */
public final class Scale {

    public static final GroupVersionKind KIND = new GroupVersionKind("autoscaling", "v1", "Scale");
    public static final String SCHEMA = "io.k8s.api.autoscaling.v1.Scale";

    /** How {@code kubectl get --subresource=scale} prints it. */
    public static final TablePrinter TABLE =
            Columns.named()
                    .integer("Desired", scale -> scale.at("spec.replicas").asInt(0))
                    .integer("Available", scale -> scale.at("status.replicas").asInt(0))
                    .age();

    private Scale() {}

    public static ObjectNode of(ApiObject workload) {
        ObjectNode scale = Json.newObject();
        scale.put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        ObjectNode metadata = scale.putObject("metadata");
        for (String member :
                List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            Json.setOrRemove(metadata, member, workload.metadata().path(member));
        }
        scale.putObject("spec").put("replicas", workload.at("spec.replicas").asInt(0));
        scale.putObject("status")
                .put("replicas", workload.at("status.replicas").asInt(0))
                .put("selector", selector(workload.at("spec.selector")));
        return scale;
    }

    /** As a label selector parameter; a ReplicationController's is a plain map of labels. */
    private static String selector(JsonNode selector) {
        boolean structured = selector.has("matchLabels") || selector.has("matchExpressions");
        if (selector.isEmpty()) {
            return "";
        }
        return structured ? Selectors.print(selector) : Selectors.printLabels(selector);
    }

    /**
     * Sets the workload's replicas to what the scale says.
     *
     * @throws ApiException 422 when they are no count
     */
    public static void apply(ObjectNode scale, ApiObject workload) {
        JsonNode replicas = Json.at(scale, "spec.replicas");
        // an absent count is zero, as a Go int32 reads it
        int wanted = replicas.asInt(0);
        if (wanted < 0 || !(replicas.isMissingNode() || replicas.canConvertToInt())) {
            throw ApiException.invalid(
                    "autoscaling",
                    "Scale",
                    workload.name(),
                    List.of(
                            FieldError.invalid(
                                    "spec.replicas",
                                    replicas,
                                    "must be greater than or equal to 0")));
        }
        String version = Json.text(scale, "metadata.resourceVersion");
        if (!version.isEmpty()) {
            workload.metadata().put("resourceVersion", version);
        }
        workload.spec().put("replicas", wanted);
    }
}
