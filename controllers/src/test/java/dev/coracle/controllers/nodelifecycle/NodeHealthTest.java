package dev.coracle.controllers.nodelifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeHealthTest {

    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void believesANodeThatSpeaks() {
        assertThat(NodeHealth.of(node("True"), Duration.ofSeconds(39), LIMIT))
                .isEqualTo(new NodeHealth.Ready());
        assertThat(NodeHealth.of(node("False"), Duration.ofSeconds(39), LIMIT))
                .isEqualTo(new NodeHealth.NotReady());
    }

    @Test
    void callsASilentNodeUnreachableWhateverItSaidBefore() {
        assertThat(NodeHealth.of(node("True"), LIMIT, LIMIT))
                .isEqualTo(new NodeHealth.Unreachable());
    }

    @Test
    void isSurprisedOnlyByNodesThatWereReady() {
        assertThat(NodeHealth.saidReady(node("True"))).isTrue();
        assertThat(NodeHealth.saidReady(node("False"))).isFalse();
        assertThat(NodeHealth.saidReady(new NodeBuilder().build())).isFalse();
    }

    @Test
    void taintsAnUnreachableNodeOnceAndKeepsOthersTaints() {
        Taint own = new Taint("NoSchedule", "dedicated", null, "gpu");
        List<Taint> taints = new NodeHealth.Unreachable().taints(List.of(own), NOW);
        assertThat(taints)
                .extracting(Taint::getKey)
                .containsExactly("dedicated", NodeHealth.UNREACHABLE, NodeHealth.UNREACHABLE);
        assertThat(new NodeHealth.Unreachable().taints(taints, NOW.plusSeconds(9)))
                .isEqualTo(taints);
        assertThat(new NodeHealth.Ready().taints(taints, NOW)).containsExactly(own);
    }

    @Test
    void letsAPodStayAsLongAsItsTolerationSays() {
        var tolerant =
                new PodBuilder()
                        .withNewSpec()
                        .addNewToleration()
                        .withKey(NodeHealth.UNREACHABLE)
                        .withOperator("Exists")
                        .withTolerationSeconds(5L)
                        .endToleration()
                        .endSpec()
                        .build();
        var stubborn =
                new PodBuilder()
                        .withNewSpec()
                        .addNewToleration()
                        .withOperator("Exists")
                        .endToleration()
                        .endSpec()
                        .build();
        var plain = new PodBuilder().withNewSpec().endSpec().build();
        assertThat(NodeHealth.findEvictionDelay(tolerant, NodeHealth.UNREACHABLE, LIMIT))
                .contains(Duration.ofSeconds(5));
        assertThat(NodeHealth.findEvictionDelay(stubborn, NodeHealth.UNREACHABLE, LIMIT)).isEmpty();
        assertThat(NodeHealth.findEvictionDelay(plain, NodeHealth.UNREACHABLE, LIMIT))
                .contains(LIMIT);
    }

    private static Node node(String ready) {
        return new NodeBuilder()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .endCondition()
                .endStatus()
                .build();
    }
}
