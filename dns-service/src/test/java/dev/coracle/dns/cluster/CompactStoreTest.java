package dev.coracle.dns.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.cluster.ZoneProperties.PodRecords;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CompactStoreTest {

    private static final ZoneProperties ZONE = ClusterObjects.properties(PodRecords.INSECURE);

    @Test
    void keepsWhatNamesAreMadeOf() {
        CompactStore<Service> services = CompactStore.services();
        Service web =
                new ServiceBuilder(ClusterObjects.web())
                        .editMetadata()
                        .addToLabels("app", "web")
                        .endMetadata()
                        .editSpec()
                        .addToSelector("app", "web")
                        .endSpec()
                        .build();
        assertThat(services.put("shop/web", web)).isNull();
        Service kept = Objects.requireNonNull(services.get("shop/web"));
        assertThat(kept.getSpec().getSelector()).isNullOrEmpty();
        assertThat(ServiceRecords.of(ZONE, kept, List.of()))
                .isEqualTo(ServiceRecords.of(ZONE, web, List.of()));

        CompactStore<EndpointSlice> slices = CompactStore.slices();
        EndpointSlice slice = ClusterObjects.databaseSlice();
        assertThat(slices.put("shop/db-1", slice)).isNull();
        Service headless = ClusterObjects.headless("db");
        assertThat(
                        ServiceRecords.of(
                                ZONE,
                                headless,
                                List.of(Objects.requireNonNull(slices.get("shop/db-1")))))
                .isEqualTo(ServiceRecords.of(ZONE, headless, List.of(slice)));
        assertThat(slices.remove("shop/db-1")).isNotNull();
        assertThat(slices.size()).isZero();
    }

    @Test
    void takesTheEmptyListsOfGo() {
        CompactStore<EndpointSlice> slices = CompactStore.slices();
        EndpointSlice empty =
                Serialization.unmarshal(
                        """
                        {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1",
                        "addressType": "IPv4", "endpoints": null, "ports": null,
                        "metadata": {"namespace": "shop", "name": "a",
                        "labels": {"kubernetes.io/service-name": "db"}}}
                        """,
                        EndpointSlice.class);
        assertThat(slices.put("shop/a", empty)).isNull();
        assertThat(
                        ServiceRecords.of(
                                ZONE,
                                ClusterObjects.headless("db"),
                                List.of(Objects.requireNonNull(slices.get("shop/a")))))
                .isEmpty();
    }
}
