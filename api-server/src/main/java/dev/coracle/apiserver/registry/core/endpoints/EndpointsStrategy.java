package dev.coracle.apiserver.registry.core.endpoints;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Endpoints, the older form of EndpointSlices. */
public final class EndpointsStrategy implements ResourceStrategy {

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(Column.objectName(), Column.text("Endpoints"), Column.age());
        }

        @Override
        public List<Object> cells(ApiObject object, Instant now) {
            return List.of(
                    object.name(),
                    addresses(object),
                    Ages.since(object.text("metadata.creationTimestamp"), now));
        }

        private static String addresses(ApiObject object) {
            List<String> all = new ArrayList<>();
            for (ObjectNode subset : Json.objects(object.at("subsets"))) {
                List<ObjectNode> ports = Json.objects(subset.path("ports"));
                for (ObjectNode address : Json.objects(subset.path("addresses"))) {
                    String ip = Json.text(address, "ip");
                    if (ports.isEmpty()) {
                        all.add(ip);
                    }
                    ports.forEach(port -> all.add(ip + ":" + Json.text(port, "port")));
                }
            }
            if (all.isEmpty()) {
                return "<none>";
            }
            String shown = String.join(",", all.subList(0, Math.min(3, all.size())));
            return all.size() <= 3 ? shown : shown + " + " + (all.size() - 3) + " more...";
        }
    }

    @Override
    public ResourceDefinition definition() {
        return ResourceDefinition.namespaced(
                        "", "v1", "Endpoints", "endpoints", "io.k8s.api.core.v1.Endpoints")
                .withShortNames("ep");
    }

    @Override
    public TablePrinter table() {
        return new Printer();
    }

    @Override
    public void applyDefaults(ApiObject object) {
        for (ObjectNode subset : Json.objects(object.at("subsets"))) {
            Json.objects(subset.path("ports"))
                    .forEach(port -> Json.setDefault(port, "protocol", "TCP"));
        }
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        List<FieldError> errors = new ArrayList<>();
        int i = 0;
        for (ObjectNode subset : Json.objects(object.at("subsets"))) {
            String path = "subsets[" + i++ + "]";
            if (subset.path("addresses").isEmpty() && subset.path("notReadyAddresses").isEmpty()) {
                errors.add(
                        FieldError.required(
                                path, "must specify `addresses` or `notReadyAddresses`"));
            }
        }
        return errors;
    }
}
