package dev.coracle.apiserver.registry.autoscaling;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ConvertedStrategy.Conversion;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The v1 form: one field for the CPU metric; what it has no field for travels in annotations
 * (k8s.io/kubernetes/pkg/apis/autoscaling/v1, conversion).
 */
final class AutoscalerV1 implements Conversion {

    private static final String PREFIX = "autoscaling.alpha.kubernetes.io/";
    private static final String METRICS = PREFIX + "metrics";
    private static final String CURRENT = PREFIX + "current-metrics";
    private static final String CONDITIONS = PREFIX + "conditions";
    private static final String BEHAVIOR = PREFIX + "behavior";

    @Override
    public ApiObject toServed(ApiObject stored) {
        stored.tree().put("apiVersion", "autoscaling/v1");
        ObjectNode spec = stored.spec();
        ArrayNode others = Json.MAPPER.createArrayNode();
        for (ObjectNode metric : Autoscalers.metrics(stored)) {
            if (Autoscalers.isCpuUtilization(metric)
                    && !spec.has("targetCPUUtilizationPercentage")) {
                spec.set(
                        "targetCPUUtilizationPercentage",
                        Json.at(metric, "resource.target.averageUtilization"));
            } else {
                others.add(AutoscalerMetrics.toV1(metric, false));
            }
        }
        spec.remove("metrics");
        annotate(stored, METRICS, others);
        annotate(stored, BEHAVIOR, spec.path("behavior"));
        spec.remove("behavior");
        if (stored.tree().path("status") instanceof ObjectNode status) {
            serveStatus(stored, status);
        }
        return stored;
    }

    private static void serveStatus(ApiObject stored, ObjectNode status) {
        ArrayNode others = Json.MAPPER.createArrayNode();
        for (ObjectNode metric : Json.objects(status.path("currentMetrics"))) {
            JsonNode percent = Json.at(metric, "resource.current.averageUtilization");
            if (Json.text(metric, "resource.name").equals("cpu") && percent.isNumber()) {
                status.set("currentCPUUtilizationPercentage", percent);
            } else {
                others.add(AutoscalerMetrics.toV1(metric, true));
            }
        }
        annotate(stored, CURRENT, others);
        annotate(stored, CONDITIONS, status.path("conditions"));
        status.remove(List.of("currentMetrics", "conditions"));
        Json.setDefault(status, "currentReplicas", 0);
    }

    @Override
    public ApiObject toStored(ApiObject served) {
        served.tree().put("apiVersion", "autoscaling/v2");
        ObjectNode spec = served.spec();
        List<JsonNode> metrics = new ArrayList<>();
        for (ObjectNode metric : Json.objects(take(served, METRICS))) {
            metrics.add(AutoscalerMetrics.toV2(metric, false));
        }
        JsonNode percent = spec.path("targetCPUUtilizationPercentage");
        if (percent.isNumber()) {
            metrics.add(Autoscalers.cpu(percent.asInt()));
        }
        spec.remove("targetCPUUtilizationPercentage");
        if (!metrics.isEmpty()) {
            spec.putArray("metrics").addAll(metrics);
        }
        if (take(served, BEHAVIOR) instanceof ObjectNode behavior) {
            spec.set("behavior", behavior);
        }
        storeStatus(served);
        return served;
    }

    private static void storeStatus(ApiObject served) {
        List<JsonNode> current = new ArrayList<>();
        for (ObjectNode metric : Json.objects(take(served, CURRENT))) {
            current.add(AutoscalerMetrics.toV2(metric, true));
        }
        JsonNode conditions = take(served, CONDITIONS);
        if (!(served.tree().path("status") instanceof ObjectNode status)) {
            return;
        }
        JsonNode percent = status.path("currentCPUUtilizationPercentage");
        if (percent.isNumber()) {
            ObjectNode metric = Json.newObject().put("type", "Resource");
            ObjectNode resource = metric.putObject("resource").put("name", "cpu");
            resource.putObject("current").set("averageUtilization", percent);
            current.add(metric);
        }
        status.remove("currentCPUUtilizationPercentage");
        if (!current.isEmpty()) {
            status.putArray("currentMetrics").addAll(current);
        }
        if (conditions.isArray()) {
            status.set("conditions", conditions);
        }
    }

    private static void annotate(ApiObject object, String annotation, JsonNode value) {
        if (Json.isPresent(value)) {
            Json.object(object.metadata(), "annotations")
                    .put(annotation, Json.MAPPER.writeValueAsString(value));
        }
    }

    /** Removes an annotation and reads it; missing when it is not there or no JSON. */
    private static JsonNode take(ApiObject object, String annotation) {
        if (!(object.metadata().path("annotations") instanceof ObjectNode annotations)
                || !annotations.has(annotation)) {
            return Json.newObject().path(annotation);
        }
        String text = annotations.path(annotation).asString("");
        annotations.remove(annotation);
        if (annotations.isEmpty()) {
            object.metadata().remove("annotations");
        }
        try {
            return Json.MAPPER.readTree(text);
        } catch (JacksonException e) {
            return Json.newObject().path(annotation);
        }
    }
}
