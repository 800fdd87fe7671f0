package dev.coracle.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RevisionHistoryTest {

    private static final String CAUSE = "kubernetes.io/change-cause";

    private static ReplicaSet replicaSet(String revision, int replicas, String... annotation) {
        var builder =
                new ReplicaSetBuilder()
                        .withNewMetadata()
                        .withName("web-" + revision)
                        .addToAnnotations(RevisionHistory.REVISION, revision)
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(replicas)
                        .endSpec()
                        .withNewStatus()
                        .withReplicas(replicas)
                        .endStatus();
        return annotation.length == 0
                ? builder.build()
                : builder.editMetadata()
                        .addToAnnotations(annotation[0], annotation[1])
                        .endMetadata()
                        .build();
    }

    private static Deployment because(String cause) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .addToAnnotations(CAUSE, cause)
                .addToAnnotations(RevisionHistory.REVISION, "7")
                .addToAnnotations("kubectl.kubernetes.io/last-applied-configuration", "{}")
                .endMetadata()
                .build();
    }

    @Test
    void followsTheAnnotationsOfTheDeployment() {
        assertThat(RevisionHistory.annotations(because("b"), replicaSet("1", 1, CAUSE, "a"), 1))
                .isEqualTo(Map.of(CAUSE, "b", RevisionHistory.REVISION, "1"));
    }

    @Test
    void remembersTheRevisionsThatATemplateWasBefore() {
        var again = RevisionHistory.annotations(because("a"), replicaSet("1", 0), 3);
        assertThat(again)
                .containsEntry(RevisionHistory.REVISION, "3")
                .containsEntry(RevisionHistory.EARLIER, "1");
        assertThat(
                        RevisionHistory.annotations(
                                because("a"), replicaSet("3", 0, RevisionHistory.EARLIER, "1"), 5))
                .containsEntry(RevisionHistory.EARLIER, "1,3");
        String long1 = "1000,".repeat(399) + "1000";
        assertThat(
                        RevisionHistory.annotations(
                                because("a"),
                                replicaSet("2000", 0, RevisionHistory.EARLIER, long1),
                                2001))
                .hasEntrySatisfying(
                        RevisionHistory.EARLIER,
                        value -> assertThat(value).hasSize(1999).endsWith("1000,2000"));
    }

    @Test
    void removesTheOldestThatAreEmpty() {
        var one = replicaSet("1", 1);
        var two = replicaSet("2", 0);
        var three = replicaSet("3", 0);
        assertThat(RevisionHistory.expired(List.of(three, one, two), 1)).containsExactly(two);
        assertThat(RevisionHistory.expired(List.of(three, one, two), 3)).isEmpty();
    }
}
