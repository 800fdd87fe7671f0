package dev.coracle.apiserver.registry.autoscaling;

import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.math.BigDecimal;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What a HorizontalPodAutoscaler's spec must be. */
final class AutoscalerRules {

    /** The types of metrics, and the member that describes each. */
    private static final Map<String, String> SOURCES =
            Map.of(
                    "ContainerResource", "containerResource",
                    "External", "external",
                    "Object", "object",
                    "Pods", "pods",
                    "Resource", "resource");

    private AutoscalerRules() {}

    static void check(Check spec) {
        JsonNode least = spec.node().path("minReplicas");
        JsonNode most = spec.node().path("maxReplicas");
        if (least.isNumber() && least.asLong() < 1) {
            spec.invalid("minReplicas", "must be greater than or equal to 1");
        }
        if (most.asLong(0) < 1) {
            spec.invalid("maxReplicas", "must be greater than 0");
        }
        if (least.isNumber() && most.asLong(0) < least.asLong()) {
            spec.invalid("maxReplicas", "must be greater than or equal to `minReplicas`");
        }
        reference(spec.in("scaleTargetRef"));
        spec.each("metrics", AutoscalerRules::metric);
        for (String direction : new String[] {"scaleUp", "scaleDown"}) {
            spec.ifPresent("behavior." + direction, AutoscalerRules::scaling);
        }
    }

    private static void reference(Check reference) {
        reference
                .required("kind")
                .shaped("kind", Names::pathSegment)
                .required("name")
                .shaped("name", Names::pathSegment);
    }

    private static void metric(Check metric) {
        String type = metric.text("type");
        String[] types = SOURCES.keySet().toArray(String[]::new);
        metric.required("type", "must specify a metric source type").supported("type", types);
        String wanted = SOURCES.getOrDefault(type, "");
        for (String source : SOURCES.values()) {
            boolean there = metric.node().path(source).isObject();
            if (there && !source.equals(wanted)) {
                metric.forbidden(source, "must populate the given metric source only");
            } else if (!there && source.equals(wanted)) {
                metric.add(
                        FieldError.required(
                                metric.path(source),
                                "must populate information for the given metric source"));
            }
        }
        switch (type) {
            case "Resource" -> metric.ifPresent("resource", AutoscalerRules::resource);
            case "ContainerResource" ->
                    metric.ifPresent(
                            "containerResource",
                            source -> {
                                resource(source);
                                source.required("container", "must specify a container name");
                            });
            case "Object" ->
                    metric.ifPresent(
                            "object",
                            source -> {
                                reference(source.in("describedObject"));
                                custom(source);
                            });
            case "Pods", "External" -> metric.ifPresent(wanted, AutoscalerRules::custom);
            default -> {
                // said above
            }
        }
    }

    private static void resource(Check source) {
        source.required("name", "must specify a resource name");
        target(source.in("target"));
        JsonNode target = source.node().path("target");
        if (target.has("averageUtilization") && target.has("averageValue")) {
            source.in("target")
                    .forbidden(
                            "averageValue",
                            "may not set both a target raw value and a target utilization");
        } else if (!target.has("averageUtilization") && !target.has("averageValue")) {
            source.in("target")
                    .required(
                            "averageUtilization",
                            "must set either a target raw value or a target utilization");
        }
    }

    private static void custom(Check source) {
        source.in("metric")
                .required("name", "must specify a metric name")
                .shaped("name", Names::pathSegment)
                .selector("selector");
        target(source.in("target"));
        JsonNode target = source.node().path("target");
        if (!target.has("value") && !target.has("averageValue")) {
            source.in("target")
                    .required("averageValue", "must specify a positive target averageValue");
        }
    }

    private static void target(Check target) {
        target.required("type", "must specify a metric target type")
                .supported("type", "AverageValue", "Utilization", "Value")
                .positive("averageUtilization")
                .quantity("value", BigDecimal.ZERO)
                .quantity("averageValue", BigDecimal.ZERO);
    }

    private static void scaling(Check rules) {
        rules.between("stabilizationWindowSeconds", 0, 3600)
                .supported("selectPolicy", "Disabled", "Max", "Min")
                .required("policies", "must specify at least one Policy")
                .each(
                        "policies",
                        policy ->
                                policy.supported("type", "Percent", "Pods")
                                        .positive("value")
                                        .between("periodSeconds", 1, 1800));
    }
}
