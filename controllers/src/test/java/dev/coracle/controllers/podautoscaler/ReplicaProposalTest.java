package dev.coracle.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.controllers.podautoscaler.PodUse.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases of upstream's replica_calculator_test.go, among others. */
class ReplicaProposalTest {

    private static List<PodUse> ready(long... used) {
        List<PodUse> pods = new ArrayList<>();
        for (long one : used) {
            pods.add(new PodUse("p" + pods.size(), one, 1000, State.READY));
        }
        return pods;
    }

    private static List<PodUse> with(List<PodUse> pods, PodUse... more) {
        List<PodUse> all = new ArrayList<>(pods);
        all.addAll(List.of(more));
        return all;
    }

    private static PodUse unready(long used) {
        return new PodUse("unready", used, 1000, State.UNREADY);
    }

    private static final PodUse MISSING = new PodUse("missing", null, 1000, State.READY);

    @Test
    void followsTheUtilization() {
        assertThat(ReplicaProposal.byUtilization(ready(300, 500, 700), 3, 30))
                .isEqualTo(new ReplicaProposal(5, 500, 50));
        assertThat(ReplicaProposal.byUtilization(ready(100, 300, 500, 250, 250), 5, 50).replicas())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"45, 4", "46, 3", "55, 3", "60, 3"})
    void staysWhenItIsNearTheTarget(int percent, int replicas) {
        assertThat(ReplicaProposal.byUtilization(ready(400, 500, 600), 3, percent).replicas())
                .isEqualTo(replicas);
    }

    @Test
    void followsAnAverage() {
        assertThat(ReplicaProposal.byAverage(ready(20_000, 10_000, 30_000), 3, 15_000))
                .isEqualTo(new ReplicaProposal(4, 20_000, 0));
    }

    @Test
    void goesUpLessForPodsThatAreNotReady() {
        assertThat(ReplicaProposal.byUtilization(with(ready(500, 700), unready(300)), 3, 30))
                .isEqualTo(new ReplicaProposal(4, 600, 60));
        assertThat(
                        ReplicaProposal.byUtilization(
                                        with(ready(400), unready(500), unready(700)), 3, 30)
                                .replicas())
                .isEqualTo(3);
    }

    @Test
    void supposesTheLeastOfPodsOfWhichNothingIsKnown() {
        assertThat(ReplicaProposal.byUtilization(with(ready(400, 950), MISSING), 3, 30).replicas())
                .isEqualTo(5);
        assertThat(ReplicaProposal.byUtilization(with(ready(100, 450), MISSING), 3, 100).replicas())
                .isEqualTo(2);
    }

    @Test
    void doesNotTurnRoundForWhatItDoesNotKnow() {
        assertThat(
                        ReplicaProposal.byUtilization(
                                        with(ready(1000), MISSING, MISSING, MISSING), 4, 80)
                                .replicas())
                .isEqualTo(4);
    }

    @Test
    void ignoresPodsThatAreGoing() {
        PodUse gone = new PodUse("gone", 1000L, 0, State.ENDED);
        assertThat(ReplicaProposal.byUtilization(with(ready(500, 500), gone), 2, 50).replicas())
                .isEqualTo(2);
    }

    @Test
    void saysWhenNothingIsKnown() {
        assertThatThrownBy(() -> ReplicaProposal.byUtilization(List.of(), 1, 50))
                .hasMessageContaining("no pods returned by selector");
        assertThatThrownBy(() -> ReplicaProposal.byUtilization(List.of(unready(1)), 1, 50))
                .hasMessageContaining("did not receive metrics");
    }
}
