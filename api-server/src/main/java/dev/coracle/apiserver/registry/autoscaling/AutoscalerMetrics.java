package dev.coracle.apiserver.registry.autoscaling;

import dev.coracle.apiserver.object.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Metrics of v2, where a target is an object, and of v1, where it is two or three members of the
 * metric. {@code status} says whether the metric is a current value.
 */
final class AutoscalerMetrics {

    private static final List<String> SOURCES =
            List.of("resource", "containerResource", "pods", "object", "external");

    private AutoscalerMetrics() {}

    static ObjectNode toV1(ObjectNode metric, boolean status) {
        ObjectNode old = Json.newObject();
        old.set("type", metric.path("type"));
        for (String name : SOURCES) {
            if (metric.path(name) instanceof ObjectNode source) {
                old.set(name, sourceToV1(name, source, status));
            }
        }
        return old;
    }

    static ObjectNode toV2(ObjectNode old, boolean status) {
        ObjectNode metric = Json.newObject();
        metric.set("type", old.path("type"));
        for (String name : SOURCES) {
            if (old.path(name) instanceof ObjectNode source) {
                metric.set(name, sourceToV2(name, source, status));
            }
        }
        return metric;
    }

    private static ObjectNode sourceToV1(String name, ObjectNode source, boolean status) {
        ObjectNode old = Json.newObject();
        String prefix = status ? "current" : "target";
        JsonNode values = source.path(prefix);
        copy(source, "name", old, "name");
        copy(source, "container", old, "container");
        copy(source, "describedObject", old, "target");
        copy(source.path("metric"), "name", old, "metricName");
        copy(
                source.path("metric"),
                "selector",
                old,
                name.equals("external") ? "metricSelector" : "selector");
        copy(values, "averageUtilization", old, prefix + "AverageUtilization");
        copy(values, "value", old, prefix + "Value");
        copy(
                values,
                "averageValue",
                old,
                name.equals("object") ? "averageValue" : prefix + "AverageValue");
        return old;
    }

    private static ObjectNode sourceToV2(String name, ObjectNode old, boolean status) {
        ObjectNode source = Json.newObject();
        String prefix = status ? "current" : "target";
        copy(old, "name", source, "name");
        copy(old, "container", source, "container");
        if (name.equals("object")) {
            copy(old, "target", source, "describedObject");
        }
        if (!name.endsWith("esource")) {
            ObjectNode metric = source.putObject("metric");
            copy(old, "metricName", metric, "name");
            copy(old, name.equals("external") ? "metricSelector" : "selector", metric, "selector");
        }
        ObjectNode values = source.putObject(prefix);
        if (!status) {
            values.put("type", targetType(name, old));
        }
        copy(old, prefix + "AverageUtilization", values, "averageUtilization");
        copy(old, prefix + "Value", values, "value");
        copy(
                old,
                name.equals("object") ? "averageValue" : prefix + "AverageValue",
                values,
                "averageValue");
        return source;
    }

    private static String targetType(String name, ObjectNode old) {
        if (old.has("targetAverageUtilization")) {
            return "Utilization";
        }
        return old.has(name.equals("object") ? "averageValue" : "targetAverageValue")
                ? "AverageValue"
                : "Value";
    }

    private static void copy(JsonNode from, String member, ObjectNode to, String name) {
        JsonNode value = from.path(member);
        if (!value.isMissingNode()) {
            to.set(name, value);
        }
    }
}
