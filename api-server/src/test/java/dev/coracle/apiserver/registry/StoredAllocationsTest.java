package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import dev.coracle.apiserver.watch.WatchCache;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoredAllocationsTest {

    private static final String SERVICE =
            """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"default"},
            "spec":{"clusterIP":"10.96.0.50","clusterIPs":["10.96.0.50"],"type":"NodePort",
            "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"}]}}
            """;

    private final ServiceStrategy services =
            new ServiceStrategy(
                    new ClusterIpAllocator("10.96.0.0/16", new Random(1)),
                    new NodePortAllocator(new Random(1)));
    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private final StoredAllocations allocations =
            new StoredAllocations(cache, new ResourceRegistry(List.of(services)));

    private static Revision entry(long revision, boolean deleted) {
        return new Revision(
                revision,
                new ObjectKey("services", new NamespacedName("default", "a")),
                deleted,
                SERVICE.getBytes(StandardCharsets.UTF_8));
    }

    /** What a client is told who wants the same address and port. */
    private List<String> refusals() {
        List<FieldError> errors = new ArrayList<>();
        services.allocate(ApiObject.parse(SERVICE.getBytes(StandardCharsets.UTF_8)), null, errors)
                .rollback();
        return errors.stream().map(FieldError::toString).toList();
    }

    @Test
    void takesWhatStoredObjectsHold() {
        allocations.accept(entry(1, false));
        assertThat(refusals()).isEmpty();
        allocations.restore();
        assertThat(refusals()).isNotEmpty();
    }

    @Test
    void takesAndReleasesWhatAnotherServerWrote() {
        allocations.foreign(entry(1, false));
        assertThat(refusals()).isNotEmpty();
        allocations.foreign(entry(2, true));
        assertThat(refusals()).isEmpty();
    }

    @Test
    void losesWhatAnotherServerStoredFirst() {
        List<FieldError> errors = new ArrayList<>();
        Reservation mine =
                services.allocate(
                        ApiObject.parse(SERVICE.getBytes(StandardCharsets.UTF_8)), null, errors);
        assertThat(mine.holds()).isTrue();
        allocations.foreign(entry(1, false));
        assertThat(mine.holds()).isFalse();
        mine.rollback();
        assertThat(refusals()).hasSize(2);
    }

    @Test
    void keepsWhatAnotherServerStoredAndGaveBack() {
        List<FieldError> errors = new ArrayList<>();
        Reservation mine =
                services.allocate(
                        ApiObject.parse(SERVICE.getBytes(StandardCharsets.UTF_8)), null, errors);
        allocations.foreign(entry(1, false));
        allocations.foreign(entry(2, true));
        assertThat(mine.holds()).isTrue();
        mine.commit();
        assertThat(refusals()).hasSize(2);
    }

    @Test
    void passesEverythingToTheCache() {
        allocations.compacted(1);
        allocations.accept(entry(2, false));
        assertThat(cache.revision()).isEqualTo(2);
        assertThat(cache.find("services", new NamespacedName("default", "a"))).isPresent();
    }
}
