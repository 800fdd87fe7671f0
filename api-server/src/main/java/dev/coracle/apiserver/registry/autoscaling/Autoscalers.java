package dev.coracle.apiserver.registry.autoscaling;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ConvertedStrategy;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** HorizontalPodAutoscalers: one resource in two versions. */
public final class Autoscalers {

    private Autoscalers() {}

    /** The stored version, v2. */
    public static ResourceStrategy v2() {
        return DeclaredStrategy.of(definition("v2"))
                .printedBy(new AutoscalerPrinter())
                .defaults(Autoscalers::defaults)
                .onCreate(object -> normalize(object.status()))
                .onStatusUpdate((updated, _) -> normalize(updated.status()))
                .statusRules(status ->
                        status.notNegative("currentReplicas").notNegative("desiredReplicas"))
                .rules(object -> AutoscalerRules.check(object.in("spec")))
                .build();
    }

    /** The older version, made of {@code stored}. */
    public static ResourceStrategy v1(ResourceStrategy stored) {
        return new ConvertedStrategy(stored, definition("v1"), Map.of(), new AutoscalerV1());
    }

    private static ResourceDefinition definition(String version) {
        return ResourceDefinition.namespaced(
                        "autoscaling",
                        version,
                        "HorizontalPodAutoscaler",
                        "horizontalpodautoscalers",
                        "io.k8s.api.autoscaling." + version + ".HorizontalPodAutoscaler")
                .withShortNames("hpa")
                .inCategory("all")
                .with(Subresource.STATUS);
    }

    /** As Go writes the status: what is not there is 0, null or left out. */
    private static void normalize(ObjectNode status) {
        Json.setDefault(status, "desiredReplicas", 0);
        if (status.path("currentMetrics").isEmpty()) {
            status.putNull("currentMetrics");
        }
        if (status.path("currentReplicas").asInt(0) == 0) {
            status.remove("currentReplicas");
        }
    }

    private static void defaults(ApiObject object) {
        ObjectNode spec = object.spec();
        Json.setDefault(spec, "minReplicas", 1);
        if (spec.path("metrics").isEmpty()) {
            spec.putArray("metrics").add(cpu(80));
        }
        if (spec.path("behavior") instanceof ObjectNode behavior) {
            scaling(Json.object(behavior, "scaleUp"), "Max", 4);
            scaling(Json.object(behavior, "scaleDown"), "Max", 0);
            Json.setDefault(Json.object(behavior, "scaleUp"), "stabilizationWindowSeconds", 0);
        }
    }

    /** The default policies: up by the larger of four pods and 100 %, down by 100 %. */
    private static void scaling(ObjectNode rules, String select, int pods) {
        Json.setDefault(rules, "selectPolicy", select);
        if (!rules.path("policies").isEmpty()) {
            return;
        }
        var policies = rules.putArray("policies");
        if (pods > 0) {
            policies.addObject().put("type", "Pods").put("value", pods).put("periodSeconds", 15);
        }
        policies.addObject().put("type", "Percent").put("value", 100).put("periodSeconds", 15);
    }

    /** The metric that keeps the average use of CPU at a percentage of what is requested. */
    static ObjectNode cpu(int percent) {
        ObjectNode metric = Json.newObject().put("type", "Resource");
        ObjectNode resource = metric.putObject("resource").put("name", "cpu");
        resource.putObject("target").put("type", "Utilization").put("averageUtilization", percent);
        return metric;
    }

    /** Whether a metric is what v1 has a field of its own for. */
    static boolean isCpuUtilization(ObjectNode metric) {
        return Json.text(metric, "type").equals("Resource")
                && Json.text(metric, "resource.name").equals("cpu")
                && Json.at(metric, "resource.target.averageUtilization").isNumber();
    }

    static List<ObjectNode> metrics(ApiObject object) {
        return Json.objects(object.at("spec.metrics"));
    }
}
