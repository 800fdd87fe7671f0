package dev.coracle.controllers.endpointslice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.informer.NamespacedName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TriggerTimesTest {

    private static final NamespacedName KEY = new NamespacedName("shop", "web");
    private static final Service SERVICE =
            new ServiceBuilder()
                    .withNewMetadata()
                    .withCreationTimestamp("2026-01-01T00:00:00Z")
                    .endMetadata()
                    .build();

    private final TriggerTimes times = new TriggerTimes();

    private static Pod pod(String name, String readySince) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withLastTransitionTime(readySince)
                .endCondition()
                .endStatus()
                .build();
    }

    @Test
    void beginsWithTheServiceAndThenNamesTheEarliestChange() {
        Pod a = pod("a", "2026-01-01T00:00:05Z");
        assertThat(times.since(KEY, SERVICE, List.of(a)))
                .contains(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(times.since(KEY, SERVICE, List.of(a))).isEmpty();
        Pod b = pod("b", "2026-01-01T00:00:09Z");
        Pod later = pod("a", "2026-01-01T00:00:07Z");
        assertThat(times.since(KEY, SERVICE, List.of(later, b)))
                .contains(Instant.parse("2026-01-01T00:00:07Z"));
    }

    @Test
    void passesOverWhatHasNoTime() {
        assertThat(times.since(KEY, SERVICE, List.of(pod("a", "soon"))))
                .contains(Instant.parse("2026-01-01T00:00:00Z"));
    }
}
