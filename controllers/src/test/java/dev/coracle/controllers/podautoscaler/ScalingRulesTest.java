package dev.coracle.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalingRulesTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ScalingRules rules = new ScalingRules();
    private final HorizontalPodAutoscaler plain =
            new HorizontalPodAutoscalerBuilder()
                    .withNewSpec()
                    .withMinReplicas(2)
                    .withMaxReplicas(20)
                    .endSpec()
                    .build();

    private final HorizontalPodAutoscaler careful =
            new HorizontalPodAutoscalerBuilder(plain)
                    .editSpec()
                    .withNewBehavior()
                    .withNewScaleUp()
                    .withStabilizationWindowSeconds(60)
                    .withSelectPolicy("Max")
                    .addNewPolicy(60, "Pods", 2)
                    .addNewPolicy(60, "Percent", 10)
                    .endScaleUp()
                    .withNewScaleDown()
                    .withStabilizationWindowSeconds(0)
                    .withSelectPolicy("Min")
                    .addNewPolicy(60, "Pods", 4)
                    .addNewPolicy(60, "Percent", 10)
                    .endScaleDown()
                    .endBehavior()
                    .endSpec()
                    .build();

    private static Instant after(long seconds) {
        return START.plusSeconds(seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "3, 5, 5, DesiredWithinRange",
        "3, 7, 6, ScaleUpLimit",
        "1, 4, 4, DesiredWithinRange",
        "12, 30, 20, TooManyReplicas",
        "3, 1, 2, TooFewReplicas"
    })
    void keepsWithinItsLimits(int current, int proposed, int replicas, String reason) {
        ScalingRules.Decision decision = rules.decide(plain, current, proposed, START);
        assertThat(decision.replicas()).isEqualTo(replicas);
        assertThat(decision.limitReason()).isEqualTo(reason);
        assertThat(decision.limited()).isEqualTo(!reason.equals("DesiredWithinRange"));
    }

    @Test
    void goesDownToTheMostOfFiveMinutes() {
        rules.begin(5, START);
        assertThat(rules.decide(plain, 5, 3, after(15)))
                .returns(5, ScalingRules.Decision::replicas)
                .returns("ScaleDownStabilized", ScalingRules.Decision::ableReason);
        assertThat(rules.decide(plain, 5, 2, after(301)).replicas()).isEqualTo(3);
        assertThat(rules.decide(plain, 3, 2, after(316)))
                .returns(2, ScalingRules.Decision::replicas)
                .returns("ReadyForNewScale", ScalingRules.Decision::ableReason);
    }

    @Test
    void goesUpToTheLeastOfItsWindow() {
        rules.begin(4, START);
        assertThat(rules.decide(careful, 4, 6, after(30)))
                .returns(4, ScalingRules.Decision::replicas)
                .returns("ScaleUpStabilized", ScalingRules.Decision::ableReason);
        assertThat(rules.decide(careful, 4, 6, after(61)).replicas()).isEqualTo(6);
    }

    @Test
    void goesUpAsFastAsItsPoliciesSay() {
        assertThat(rules.decide(careful, 4, 10, START).replicas()).isEqualTo(6);
        rules.scaled(4, 6, START);
        assertThat(rules.decide(careful, 6, 10, after(30)))
                .returns(6, ScalingRules.Decision::replicas)
                .returns("ScaleUpLimit", ScalingRules.Decision::limitReason);
        assertThat(rules.decide(careful, 6, 10, after(61)).replicas()).isEqualTo(8);
    }

    @Test
    void goesDownByTheSmallestOfItsPolicies() {
        assertThat(rules.decide(careful, 20, 2, START))
                .returns(18, ScalingRules.Decision::replicas)
                .returns("ScaleDownLimit", ScalingRules.Decision::limitReason);
        rules.scaled(20, 18, START);
        assertThat(rules.decide(careful, 18, 2, after(30)).replicas()).isEqualTo(18);
        assertThat(rules.decide(careful, 18, 2, after(61)).replicas()).isEqualTo(16);
    }

    @Test
    void staysWhenADirectionIsOff() {
        HorizontalPodAutoscaler up =
                new HorizontalPodAutoscalerBuilder(careful)
                        .editSpec()
                        .editBehavior()
                        .editScaleDown()
                        .withSelectPolicy("Disabled")
                        .endScaleDown()
                        .endBehavior()
                        .endSpec()
                        .build();
        assertThat(rules.decide(up, 9, 2, START).replicas()).isEqualTo(9);
    }
}
