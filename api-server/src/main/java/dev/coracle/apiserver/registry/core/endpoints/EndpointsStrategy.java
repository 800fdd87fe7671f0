package dev.coracle.apiserver.registry.core.endpoints;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Endpoints, the older form of EndpointSlices. */
public final class EndpointsStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                            "", "v1", "Endpoints", "endpoints", "io.k8s.api.core.v1.Endpoints")
                    .withShortNames("ep");

    private final boolean onLoopback;

    /** Endpoints of a cluster whose pods have loopback addresses, or have none. */
    public EndpointsStrategy(boolean onLoopback) {
        this.onLoopback = onLoopback;
    }

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
        return DEFINITION;
    }

    @Override
    public String deprecation() {
        return "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
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
        return Check.object(object, whole -> whole.each("subsets", this::subset));
    }

    private void subset(Check subset) {
        if (!subset.has("addresses") && !subset.has("notReadyAddresses")) {
            subset.add(
                    FieldError.required(
                            subset.path(), "must specify `addresses` or `notReadyAddresses`"));
        }
        subset.each("addresses", this::address).each("notReadyAddresses", this::address);
        boolean several = subset.node().path("ports").size() > 1;
        subset.each(
                "ports",
                port -> {
                    if (several) {
                        port.required("name");
                    }
                    port.shaped("name", Names::label)
                            .port("port")
                            .supported("protocol", "SCTP", "TCP", "UDP")
                            .shaped("appProtocol", Names::qualifiedName);
                });
    }

    private void address(Check address) {
        String ip = address.text("ip");
        @Nullable String wrong = Addresses.endpoint(ip, ip.contains(":"), onLoopback);
        if (wrong != null) {
            address.invalid("ip", wrong);
        }
        address.shaped("hostname", Names::label).shaped("nodeName", Names::subdomain);
    }
}
