package dev.coracle.dns.cluster;

import dev.coracle.dns.cluster.ZoneProperties.PodRecords;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;

/** A small cluster: a web Service, a headless database, an external name. */
public final class ClusterObjects {

    private ClusterObjects() {}

    public static Zone zone() {
        ZoneWriter writer = new ZoneWriter(properties(PodRecords.INSECURE));
        for (Service service :
                List.of(web(), database(), external(), externalInside(), headless("many"))) {
            String name = service.getMetadata().getName();
            writer.set("shop", name, service, slices(name));
        }
        return writer.zone();
    }

    static ZoneProperties properties(PodRecords pods) {
        return new ZoneProperties(
                "cluster.local", 5, "10.96.0.10", "host.coracle.internal", "10.89.0.2", pods);
    }

    private static List<EndpointSlice> slices(String service) {
        return switch (service) {
            case "db" -> List.of(databaseSlice());
            case "many" -> List.of(slice("many", 0, 100), slice("many", 100, 200));
            default -> List.of();
        };
    }

    static Service headless(String name) {
        return named(name).withNewSpec().withClusterIP("None").endSpec().build();
    }

    /** Endpoints at 10.244.5.from and on. */
    static EndpointSlice slice(String service, int from, int to) {
        EndpointSliceBuilder slice =
                new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withNamespace("shop")
                        .withName(service + "-" + from)
                        .addToLabels("kubernetes.io/service-name", service)
                        .endMetadata()
                        .withAddressType("IPv4");
        for (int i = from; i < to; i++) {
            slice.addNewEndpoint().withAddresses("10.244.5." + i).endEndpoint();
        }
        return slice.build();
    }

    static Service web() {
        return named("web")
                .withNewSpec()
                .withClusterIP("10.96.0.80")
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    private static Service database() {
        return headless("db");
    }

    private static Service external() {
        return named("shop-api")
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName("api.example.com")
                .endSpec()
                .build();
    }

    private static Service externalInside() {
        return named("alias")
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName("web.shop.svc.cluster.local")
                .endSpec()
                .build();
    }

    private static ServiceBuilder named(String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata();
    }

    static EndpointSlice databaseSlice() {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("db-1")
                .addToLabels("kubernetes.io/service-name", "db")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("sql")
                .withProtocol("TCP")
                .withPort(5432)
                .endPort()
                .addNewEndpoint()
                .withAddresses("10.244.0.1")
                .withHostname("db-0")
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint()
                .addNewEndpoint()
                .withAddresses("10.244.1.2")
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint()
                .addNewEndpoint()
                .withAddresses("10.244.2.3")
                .withNewConditions()
                .withReady(false)
                .endConditions()
                .endEndpoint()
                .build();
    }
}
