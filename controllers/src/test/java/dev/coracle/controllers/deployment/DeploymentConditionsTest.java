package dev.coracle.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeploymentConditionsTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final String COMPLETE =
            "True NewReplicaSetAvailable: ReplicaSet \"web-1\" has successfully progressed.";

    private Deployment deployment =
            new DeploymentBuilder()
                    .withNewMetadata()
                    .withName("web")
                    .withGeneration(1L)
                    .endMetadata()
                    .withNewSpec()
                    .withReplicas(2)
                    .withProgressDeadlineSeconds(60)
                    .endSpec()
                    .build();
    private Instant now = START;

    private static ReplicaSet replicaSet(String name, int replicas, int available) {
        return new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .withReplicas(replicas)
                .withReadyReplicas(available)
                .withAvailableReplicas(available)
                .endStatus()
                .build();
    }

    /** Writes the status, as the controller does, and returns what it says of the progress. */
    private String progress(@Nullable ReplicaSet current, ReplicaSet... old) {
        DeploymentStatus status =
                DeploymentConditions.status(
                        deployment, current, List.of(old), Rollout.Limits.of(deployment), now);
        deployment = new DeploymentBuilder(deployment).withStatus(status).build();
        return said("Progressing");
    }

    private String said(String type) {
        return deployment.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(type))
                .map(c -> c.getStatus() + " " + c.getReason() + ": " + c.getMessage())
                .findFirst()
                .orElse("");
    }

    private void pause(boolean paused) {
        deployment.getSpec().setPaused(paused);
    }

    private void pass(int seconds) {
        now = now.plusSeconds(seconds);
    }

    @Test
    void tellsARolloutFromItsBeginningToItsEnd() {
        assertThat(progress(replicaSet("web-1", 0, 0)))
                .isEqualTo("True NewReplicaSetCreated: Created new replica set \"web-1\"");
        assertThat(progress(replicaSet("web-1", 2, 1)))
                .isEqualTo("True ReplicaSetUpdated: ReplicaSet \"web-1\" is progressing.");
        assertThat(progress(replicaSet("web-1", 2, 2))).isEqualTo(COMPLETE);
    }

    @Test
    void staysCompleteWhenPodsFailOrAreAddedLater() {
        progress(replicaSet("web-1", 2, 2));
        pass(1000);
        assertThat(progress(replicaSet("web-1", 2, 0))).isEqualTo(COMPLETE);
        assertThat(said("Available")).startsWith("False MinimumReplicasUnavailable");
        pass(1000);
        deployment.getSpec().setReplicas(5);
        assertThat(progress(replicaSet("web-1", 5, 0))).isEqualTo(COMPLETE);
        assertThat(DeploymentConditions.findTimeToDeadline(deployment, now)).isEmpty();
    }

    @Test
    void beginsAnewWithAnotherTemplate() {
        progress(replicaSet("web-1", 2, 2));
        pass(1000);
        assertThat(progress(replicaSet("web-2", 0, 0), replicaSet("web-1", 2, 2)))
                .isEqualTo("True NewReplicaSetCreated: Created new replica set \"web-2\"");
        assertThat(DeploymentConditions.findTimeToDeadline(deployment, now))
                .contains(Duration.ofSeconds(60));
        pass(61);
        assertThat(progress(replicaSet("web-2", 0, 0), replicaSet("web-1", 2, 2)))
                .isEqualTo(
                        "False ProgressDeadlineExceeded: ReplicaSet \"web-2\" has timed out"
                                + " progressing.");
        // and back
        assertThat(progress(replicaSet("web-1", 2, 2), replicaSet("web-2", 0, 0)))
                .isEqualTo(COMPLETE);
    }

    @Test
    void takesNoLossOfPodsForProgress() {
        progress(replicaSet("web-1", 2, 1));
        pass(30);
        progress(replicaSet("web-1", 2, 0));
        pass(31);
        assertThat(progress(replicaSet("web-1", 1, 0))).startsWith("False Progress");
        // what comes back does
        assertThat(progress(replicaSet("web-1", 2, 1))).startsWith("True ReplicaSetUpdated");
    }

    @Test
    void saysThatItIsPausedAndResumed() {
        pause(true);
        assertThat(progress(null)).isEqualTo("Unknown DeploymentPaused: Deployment is paused");
        pass(1000);
        pause(false);
        assertThat(progress(replicaSet("web-1", 0, 0)))
                .isEqualTo("Unknown DeploymentResumed: Deployment is resumed");
        pass(61);
        assertThat(progress(replicaSet("web-1", 0, 0))).startsWith("False Progress");
        pause(true);
        assertThat(progress(replicaSet("web-1", 0, 0))).startsWith("False Progress");
    }

    @Test
    void saysNothingOfTheProgressWithoutADeadline() {
        progress(replicaSet("web-1", 2, 1));
        deployment.getSpec().setProgressDeadlineSeconds(Integer.MAX_VALUE);
        assertThat(progress(replicaSet("web-1", 2, 2))).isEmpty();
        assertThat(said("Available")).startsWith("True");
    }

    @Test
    void keepsWhatOthersSay() {
        progress(replicaSet("web-1", 2, 2));
        DeploymentCondition others =
                new DeploymentConditionBuilder().withType("Others").withStatus("True").build();
        deployment.getStatus().getConditions().add(others);
        progress(replicaSet("web-1", 2, 1));
        assertThat(deployment.getStatus().getConditions()).contains(others).hasSize(3);
    }

    @Test
    void saysWhyAReplicaSetCannotBeMadeUntilItCan() {
        DeploymentStatus failed = DeploymentConditions.failed(deployment, "no room", now);
        deployment = new DeploymentBuilder(deployment).withStatus(failed).build();
        assertThat(said("Progressing")).isEqualTo("False ReplicaSetCreateError: no room");
        assertThat(progress(replicaSet("web-1", 0, 0))).startsWith("True NewReplicaSetCreated");
    }
}
