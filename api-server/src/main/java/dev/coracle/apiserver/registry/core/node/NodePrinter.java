package dev.coracle.apiserver.registry.core.node;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/** The columns of {@code kubectl get nodes}. */
final class NodePrinter implements TablePrinter {

    private static final String ROLE = "node-role.kubernetes.io/";

    @Override
    public List<Column> columns() {
        return List.of(
                Column.objectName(),
                Column.text("Status"),
                Column.text("Roles"),
                Column.age(),
                Column.text("Version"),
                Column.text("Internal-IP").wide(),
                Column.text("External-IP").wide(),
                Column.text("OS-Image").wide(),
                Column.text("Kernel-Version").wide(),
                Column.text("Container-Runtime").wide());
    }

    @Override
    public List<Object> cells(ApiObject node, Instant now) {
        Set<String> roles = new TreeSet<>();
        node.labels()
                .forEach((key, value) -> {
                    if (key.startsWith(ROLE)) {
                        roles.add(key.substring(ROLE.length()));
                    } else if (key.equals("kubernetes.io/role")) {
                        roles.add(value);
                    }
                });
        return List.of(
                node.name(),
                status(node),
                roles.isEmpty() ? "<none>" : String.join(",", roles),
                Ages.since(node.text("metadata.creationTimestamp"), now),
                node.text("status.nodeInfo.kubeletVersion"),
                address(node, "InternalIP"),
                address(node, "ExternalIP"),
                orUnknown(node.text("status.nodeInfo.osImage")),
                orUnknown(node.text("status.nodeInfo.kernelVersion")),
                orUnknown(node.text("status.nodeInfo.containerRuntimeVersion")));
    }

    private static String status(ApiObject node) {
        String status = "Unknown";
        for (ObjectNode condition : Json.objects(node.at("status.conditions"))) {
            if (Json.text(condition, "type").equals("Ready")) {
                status = Json.text(condition, "status").equals("True") ? "Ready" : "NotReady";
            }
        }
        return node.at("spec.unschedulable").asBoolean(false)
                ? status + ",SchedulingDisabled"
                : status;
    }

    private static String address(ApiObject node, String type) {
        return Json.objects(node.at("status.addresses")).stream()
                .filter(address -> Json.text(address, "type").equals(type))
                .map(address -> Json.text(address, "address"))
                .findFirst()
                .orElse("<none>");
    }

    private static String orUnknown(String text) {
        return text.isEmpty() ? "<unknown>" : text;
    }
}
