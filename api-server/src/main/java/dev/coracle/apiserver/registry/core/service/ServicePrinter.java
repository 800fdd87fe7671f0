package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** The columns of {@code kubectl get services}. */
final class ServicePrinter implements TablePrinter {

    @Override
    public List<Column> columns() {
        return List.of(
                Column.objectName(),
                Column.text("Type"),
                Column.text("Cluster-IP"),
                Column.text("External-IP"),
                Column.text("Port(s)"),
                Column.age(),
                Column.text("Selector").wide());
    }

    @Override
    public List<Object> cells(ApiObject service, Instant now) {
        String clusterIp = service.text("spec.clusterIP");
        return List.of(
                service.name(),
                service.text("spec.type"),
                clusterIp.isEmpty() ? "<none>" : clusterIp,
                external(service),
                ports(service),
                Ages.since(service.text("metadata.creationTimestamp"), now),
                Selectors.printLabels(service.at("spec.selector")));
    }

    private static String external(ApiObject service) {
        List<String> addresses = new ArrayList<>();
        if (service.text("spec.type").equals("ExternalName")) {
            return service.text("spec.externalName");
        }
        for (ObjectNode ingress : Json.objects(service.at("status.loadBalancer.ingress"))) {
            String ip = Json.text(ingress, "ip");
            addresses.add(ip.isEmpty() ? Json.text(ingress, "hostname") : ip);
        }
        addresses.addAll(Json.texts(service.at("spec.externalIPs")));
        if (addresses.isEmpty()) {
            return service.text("spec.type").equals("LoadBalancer") ? "<pending>" : "<none>";
        }
        return String.join(",", addresses);
    }

    private static String ports(ApiObject service) {
        List<ObjectNode> ports = Json.objects(service.at("spec.ports"));
        if (ports.isEmpty()) {
            return "<none>";
        }
        return ports.stream()
                .map(port -> {
                    int nodePort = port.path("nodePort").asInt(0);
                    return Json.text(port, "port")
                            + (nodePort == 0 ? "" : ":" + nodePort)
                            + "/"
                            + Json.text(port, "protocol");
                })
                .collect(Collectors.joining(","));
    }
}
