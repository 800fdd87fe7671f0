package dev.coracle.apiserver.registry.networking;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** The columns of {@code kubectl get ingresses}. */
final class IngressPrinter implements TablePrinter {

    @Override
    public List<Column> columns() {
        return List.of(
                Column.objectName(),
                Column.text("Class"),
                Column.text("Hosts"),
                Column.text("Address"),
                Column.text("Ports"),
                Column.age());
    }

    @Override
    public List<Object> cells(ApiObject ingress, Instant now) {
        String className = ingress.text("spec.ingressClassName");
        return List.of(
                ingress.name(),
                className.isEmpty() ? "<none>" : className,
                hosts(ingress),
                Json.objects(ingress.at("status.loadBalancer.ingress")).stream()
                        .map(entry ->
                                Json.text(entry, "ip").isEmpty()
                                        ? Json.text(entry, "hostname")
                                        : Json.text(entry, "ip"))
                        .collect(Collectors.joining(",")),
                ingress.at("spec.tls").isEmpty() ? "80" : "80, 443",
                Ages.since(ingress.text("metadata.creationTimestamp"), now));
    }

    private static String hosts(ApiObject ingress) {
        List<String> hosts =
                Json.objects(ingress.at("spec.rules")).stream()
                        .map(rule -> Json.text(rule, "host"))
                        .filter(host -> !host.isEmpty())
                        .toList();
        if (hosts.isEmpty()) {
            return "*";
        }
        String shown = hosts.stream().limit(3).collect(Collectors.joining(","));
        return hosts.size() <= 3 ? shown : shown + " + " + (hosts.size() - 3) + " more...";
    }
}
