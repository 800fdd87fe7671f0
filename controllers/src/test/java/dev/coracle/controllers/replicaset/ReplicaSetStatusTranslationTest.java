package dev.coracle.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.replicaset.ReplicaSetStatusTranslation.Counts;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicaSetStatusTranslationTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static ReplicaSet with(ReplicaSet set, String failure) {
        return ReplicaSetStatusTranslation.apply(
                set,
                new Counts(0, 0, 0, 0),
                Optional.of(failure).filter(text -> !text.isEmpty()),
                NOW);
    }

    private static List<String> messages(ReplicaSet set) {
        return set.getStatus().getConditions().stream()
                .map(c -> c.getReason() + ": " + c.getMessage())
                .toList();
    }

    @Test
    void keepsTheFirstWordOfAFailureUntilItIsOver() {
        ReplicaSet set = new ReplicaSetBuilder().withNewMetadata().endMetadata().build();
        ReplicaSet failed = with(set, "pods \"a\" is forbidden");
        assertThat(messages(failed)).containsExactly("FailedCreate: pods \"a\" is forbidden");
        assertThat(with(failed, "pods \"b\" is forbidden")).isEqualTo(failed);
        assertThat(messages(with(failed, ""))).isEmpty();
    }
}
