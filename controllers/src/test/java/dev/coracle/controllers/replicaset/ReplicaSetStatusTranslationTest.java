package dev.coracle.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.replicaset.ReplicaSetStatusTranslation.Counts;
import dev.coracle.controllers.replicaset.ReplicaSetStatusTranslation.Failure;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicaSetStatusTranslationTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static ReplicaSet with(ReplicaSet set, @Nullable Failure failure) {
        return ReplicaSetStatusTranslation.apply(
                set, new Counts(0, 0, 0, 0), Optional.ofNullable(failure), NOW);
    }

    private static List<String> messages(ReplicaSet set) {
        return set.getStatus().getConditions().stream()
                .map(c -> c.getReason() + ": " + c.getMessage())
                .toList();
    }

    @Test
    void keepsTheFirstWordOfAFailureUntilItIsOver() {
        ReplicaSet set = new ReplicaSetBuilder().withNewMetadata().endMetadata().build();
        ReplicaSet failed = with(set, Failure.toCreate("pods \"a\" is forbidden"));
        assertThat(messages(failed)).containsExactly("FailedCreate: pods \"a\" is forbidden");
        assertThat(with(failed, Failure.toCreate("pods \"b\" is forbidden"))).isEqualTo(failed);
        assertThat(messages(with(failed, null))).isEmpty();
    }

    @Test
    void saysThatPodsCannotBeDeleted() {
        ReplicaSet set = new ReplicaSetBuilder().withNewMetadata().endMetadata().build();
        assertThat(messages(with(set, Failure.toDelete("unable to delete pods: no"))))
                .containsExactly("FailedDelete: unable to delete pods: no");
    }
}
