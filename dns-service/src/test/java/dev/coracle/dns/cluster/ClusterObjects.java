package dev.coracle.dns.cluster;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;

/** A small cluster: a web Service, a headless database, an external name. */
public final class ClusterObjects {

    private ClusterObjects() {}

    public static Zone zone() {
        return ZoneTranslation.translate(
                new ZoneProperties(
                        "cluster.local", 5, "10.96.0.10", "host.coracle.internal", "10.89.0.2"),
                7,
                List.of(web(), database(), external(), externalInside()),
                List.of(databaseSlice()));
    }

    private static Service web() {
        return service("web")
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
        return service("db").withNewSpec().withClusterIP("None").endSpec().build();
    }

    private static Service external() {
        return service("shop-api")
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName("api.example.com")
                .endSpec()
                .build();
    }

    private static Service externalInside() {
        return service("alias")
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName("web.shop.svc.cluster.local")
                .endSpec()
                .build();
    }

    private static ServiceBuilder service(String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata();
    }

    private static EndpointSlice databaseSlice() {
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
