package dev.coracle.apiserver.registry.autoscaling;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.Columns;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The columns of {@code kubectl get horizontalpodautoscalers}. */
final class AutoscalerPrinter implements TablePrinter {

    private static final int SHOWN = 2;

    private static final Columns COLUMNS =
            Columns.named()
                    .text(
                            "Reference",
                            object ->
                                    object.text("spec.scaleTargetRef.kind")
                                            + "/"
                                            + object.text("spec.scaleTargetRef.name"))
                    .text("Targets", AutoscalerPrinter::targets)
                    .text(
                            "MinPods",
                            object -> Columns.orElse(object.text("spec.minReplicas"), "<unset>"))
                    .integer("MaxPods", object -> object.at("spec.maxReplicas").asLong(0))
                    .integer("Replicas", object -> object.at("status.currentReplicas").asLong(0))
                    .age();

    @Override
    public List<Column> columns() {
        return COLUMNS.columns();
    }

    @Override
    public List<Object> cells(ApiObject object, Instant now) {
        return COLUMNS.cells(object, now);
    }

    private static String targets(ApiObject object) {
        List<ObjectNode> metrics = Autoscalers.metrics(object);
        if (metrics.isEmpty()) {
            return "<none>";
        }
        List<ObjectNode> current = Json.objects(object.at("status.currentMetrics"));
        List<String> printed = new ArrayList<>();
        for (int i = 0; i < metrics.size(); i++) {
            printed.add(target(metrics.get(i), i < current.size() ? current.get(i) : null));
        }
        String shown = String.join(", ", printed.subList(0, Math.min(SHOWN, printed.size())));
        return printed.size() <= SHOWN
                ? shown
                : shown + " + " + (printed.size() - SHOWN) + " more...";
    }

    private static String target(
            ObjectNode metric, @org.jspecify.annotations.Nullable ObjectNode status) {
        String source =
                switch (Json.text(metric, "type")) {
                    case "Resource" -> "resource";
                    case "ContainerResource" -> "containerResource";
                    case "Pods" -> "pods";
                    case "Object" -> "object";
                    case "External" -> "external";
                    default -> "";
                };
        if (source.isEmpty()) {
            return "<unknown type>";
        }
        JsonNode wanted = metric.path(source).path("target");
        JsonNode is = status == null ? Json.newObject() : status.path(source).path("current");
        boolean resource = source.endsWith("esource");
        String prefix = resource ? Json.text(metric, source + ".name") + ": " : "";
        if (wanted.has("averageValue")) {
            String suffix = source.equals("object") || source.equals("external") ? " (avg)" : "";
            return prefix
                    + known(is, "averageValue")
                    + "/"
                    + wanted.path("averageValue").asString("")
                    + suffix;
        } else if (resource) {
            return prefix + percent(is, "<unknown>") + "/" + percent(wanted, "<auto>");
        }
        return known(is, "value") + "/" + wanted.path("value").asString("");
    }

    private static String known(JsonNode current, String member) {
        return Columns.orElse(current.path(member).asString(""), "<unknown>");
    }

    private static String percent(JsonNode node, String none) {
        JsonNode percent = node.path("averageUtilization");
        return percent.isNumber() ? percent.asInt() + "%" : none;
    }
}
