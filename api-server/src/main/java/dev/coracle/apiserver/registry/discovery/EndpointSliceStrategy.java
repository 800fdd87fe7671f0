package dev.coracle.apiserver.registry.discovery;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** EndpointSlices. */
public final class EndpointSliceStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                    "discovery.k8s.io",
                    "v1",
                    "EndpointSlice",
                    "endpointslices",
                    "io.k8s.api.discovery.v1.EndpointSlice");

    private static final List<String> ADDRESS_TYPES = List.of("IPv4", "IPv6", "FQDN");
    private static final int MAX_ENDPOINTS = 1000;
    private static final int MAX_PORTS = 20000;
    private static final int MAX_ADDRESSES = 100;

    private final boolean onLoopback;

    /** EndpointSlices of a cluster whose pods have loopback addresses, or have none. */
    public EndpointSliceStrategy(boolean onLoopback) {
        this.onLoopback = onLoopback;
    }

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
                                    .flatMap(endpoint ->
                                            Json.texts(endpoint.path("addresses")).stream())
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
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new Printer();
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    /** Everything but the metadata counts, and so do the labels. */
    @Override
    public boolean changesGeneration(ApiObject updated, ApiObject old) {
        return !content(updated).equals(content(old)) || !updated.labels().equals(old.labels());
    }

    private static ObjectNode content(ApiObject object) {
        ObjectNode content = object.tree().deepCopy();
        content.remove("metadata");
        return content;
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

    @Override
    public List<FieldError> validate(ApiObject object) {
        String type = object.text("addressType");
        return Check.object(
                object,
                slice -> {
                    slice.required("addressType")
                            .supported("addressType", ADDRESS_TYPES.toArray(String[]::new));
                    tooMany(slice, "endpoints", MAX_ENDPOINTS);
                    tooMany(slice, "ports", MAX_PORTS);
                    slice.each("endpoints", endpoint -> endpoint(endpoint, type));
                    Set<String> names = new HashSet<>();
                    slice.each(
                            "ports",
                            port -> {
                                if (!names.add(port.text("name"))) {
                                    port.duplicate("name");
                                }
                                port.shaped("name", Names::label)
                                        .supported("protocol", "SCTP", "TCP", "UDP")
                                        .shaped("appProtocol", Names::qualifiedName);
                            });
                });
    }

    private void endpoint(Check endpoint, String type) {
        endpoint.required("addresses", "must contain at least 1 address");
        tooMany(endpoint, "addresses", MAX_ADDRESSES);
        endpoint.each(
                "addresses",
                address -> {
                    String text = address.node().asString("");
                    @Nullable String wrong =
                            switch (type) {
                                case "IPv4" -> Addresses.endpoint(text, false, onLoopback);
                                case "IPv6" -> Addresses.endpoint(text, true, onLoopback);
                                case "FQDN" -> Names.subdomain(text);
                                default -> null;
                            };
                    if (wrong != null) {
                        address.invalid(wrong);
                    }
                });
        endpoint.shaped("nodeName", Names::subdomain).shaped("hostname", Names::label);
    }

    private static void tooMany(Check place, String member, int most) {
        int size = place.node().path(member).size();
        if (size > most) {
            place.add(
                    new FieldError(
                            place.path(member),
                            FieldError.Type.TOO_MANY,
                            size,
                            "must have at most " + most + " items"));
        }
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return Metadata.immutable(updated, old, "addressType");
    }
}
