package dev.coracle.apiserver.registry.discovery;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** EndpointSlices. */
public final class EndpointSliceStrategy implements ResourceStrategy {

    private static final List<String> ADDRESS_TYPES = List.of("IPv4", "IPv6", "FQDN");
    private static final int MAX_ENDPOINTS = 1000;

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(
                    Column.objectName(),
                    Column.text("AddressType"),
                    Column.text("Ports"),
                    Column.text("Endpoints"),
                    Column.age());
        }

        @Override
        public List<Object> cells(ApiObject slice, Instant now) {
            List<ObjectNode> endpoints = Json.objects(slice.at("endpoints"));
            return List.of(
                    slice.name(),
                    slice.text("addressType"),
                    shortened(
                            Json.objects(slice.at("ports")).stream()
                                    .map(port -> Json.text(port, "port"))
                                    .toList(),
                            "<unset>"),
                    shortened(
                            endpoints.stream()
                                    .map(endpoint -> Json.texts(endpoint.path("addresses")))
                                    .map(List::getFirst)
                                    .toList(),
                            "<unset>"),
                    Ages.since(slice.text("metadata.creationTimestamp"), now));
        }

        private static String shortened(List<String> items, String none) {
            if (items.isEmpty()) {
                return none;
            }
            String shown = items.stream().limit(3).collect(Collectors.joining(","));
            return items.size() <= 3 ? shown : shown + " + " + (items.size() - 3) + " more...";
        }
    }

    @Override
    public ResourceDefinition definition() {
        return ResourceDefinition.namespaced(
                "discovery.k8s.io",
                "v1",
                "EndpointSlice",
                "endpointslices",
                "io.k8s.api.discovery.v1.EndpointSlice");
    }

    @Override
    public TablePrinter table() {
        return new Printer();
    }

    @Override
    public boolean tracksGeneration() {
        return false;
    }

    @Override
    public void applyDefaults(ApiObject object) {
        for (ObjectNode port : Json.objects(object.at("ports"))) {
            Json.setDefault(port, "protocol", "TCP");
            if (!port.has("name")) {
                port.put("name", "");
            }
        }
        if (object.at("endpoints").isMissingNode()) {
            object.tree().putArray("endpoints");
        }
    }

    /** {@code endpoints} is required by the schema but may be empty. */
    @Override
    public List<FieldError> validate(ApiObject object) {
        List<FieldError> errors = new ArrayList<>();
        String type = object.text("addressType");
        if (!type.isEmpty() && !ADDRESS_TYPES.contains(type)) {
            errors.add(FieldError.notSupported("addressType", type, ADDRESS_TYPES));
        }
        List<ObjectNode> endpoints = Json.objects(object.at("endpoints"));
        if (endpoints.size() > MAX_ENDPOINTS) {
            errors.add(
                    new FieldError(
                            "endpoints",
                            FieldError.Type.TOO_MANY,
                            endpoints.size(),
                            "must have at most " + MAX_ENDPOINTS + " items"));
        }
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return Metadata.immutable(updated, old, "addressType");
    }
}
