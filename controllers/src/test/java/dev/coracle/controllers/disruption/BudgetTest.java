package dev.coracle.controllers.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

    @Test
    void allowsWhatIsMoreThanTheLeast() {
        PodDisruptionBudget budget = budget();
        budget.getSpec().setMinAvailable(new IntOrString(2));
        List<Pod> pods = List.of(pod("a", true), pod("b", true), pod("c", true), pod("d", false));
        PodDisruptionBudgetStatus status = Budget.of(budget, pods, 4, NOW).getStatus();
        assertThat(status.getCurrentHealthy()).isEqualTo(3);
        assertThat(status.getDesiredHealthy()).isEqualTo(2);
        assertThat(status.getDisruptionsAllowed()).isEqualTo(1);
        assertThat(status.getConditions().getFirst().getReason()).isEqualTo("SufficientPods");
        assertThat(Budget.asksControllers(budget)).isFalse();
    }

    @Test
    void roundsPercentagesUp() {
        PodDisruptionBudget budget = budget();
        budget.getSpec().setMinAvailable(new IntOrString("50%"));
        List<Pod> pods = List.of(pod("a", true), pod("b", true), pod("c", true));
        assertThat(Budget.of(budget, pods, 3, NOW).getStatus().getDesiredHealthy()).isEqualTo(2);
        assertThat(Budget.asksControllers(budget)).isTrue();
        budget.getSpec().setMinAvailable(null);
        budget.getSpec().setMaxUnavailable(new IntOrString("30%"));
        assertThat(Budget.of(budget, pods, 3, NOW).getStatus().getDesiredHealthy()).isEqualTo(2);
    }

    @Test
    void countsAnEvictedPodAsGoneForTwoMinutes() {
        PodDisruptionBudget budget =
                new PodDisruptionBudgetBuilder(budget())
                        .withNewStatus()
                        .addToDisruptedPods("a", "2026-01-01T00:09:00Z")
                        .addToDisruptedPods("b", "2026-01-01T00:07:00Z")
                        .addToDisruptedPods("gone", "2026-01-01T00:09:00Z")
                        .endStatus()
                        .build();
        budget.getSpec().setMaxUnavailable(new IntOrString(1));
        PodDisruptionBudgetStatus status =
                Budget.of(budget, List.of(pod("a", true), pod("b", true)), 2, NOW).getStatus();
        assertThat(status.getDisruptedPods()).containsOnlyKeys("a");
        assertThat(status.getCurrentHealthy()).isEqualTo(1);
        assertThat(status.getDisruptionsAllowed()).isZero();
        assertThat(status.getConditions().getFirst().getReason()).isEqualTo("InsufficientPods");
    }

    private static PodDisruptionBudget budget() {
        return new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withName("b")
                .withGeneration(3L)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    private static Pod pod(String name, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
    }
}
