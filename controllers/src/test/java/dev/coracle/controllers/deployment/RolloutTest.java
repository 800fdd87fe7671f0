package dev.coracle.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.deployment.Rollout.Limits;
import dev.coracle.controllers.deployment.Rollout.Revision;
import dev.coracle.controllers.pod.TemplateHash;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RolloutTest {

    private static Revision old(int replicas, int available) {
        return new Revision("old", replicas, available, 0, "2026-01-01T00:00:00Z");
    }

    private static Revision current(int replicas, int available) {
        return new Revision("new", replicas, available, 0, "2026-01-02T00:00:00Z");
    }

    @Nested
    class WhenLimitsAreResolved {

        @Test
        void roundsSurgeUpAndUnavailableDown() {
            assertThat(limits(10, "25%", "25%")).isEqualTo(new Limits(10, 3, 2));
            assertThat(limits(3, "25%", "25%")).isEqualTo(new Limits(3, 1, 0));
        }

        @Test
        void allowsOneUnavailableWhenBothAreZero() {
            assertThat(limits(3, "0%", "0%")).isEqualTo(new Limits(3, 0, 1));
        }

        private Limits limits(int replicas, String surge, String unavailable) {
            return Limits.of(
                    new DeploymentBuilder()
                            .withNewSpec()
                            .withReplicas(replicas)
                            .withNewStrategy()
                            .withType("RollingUpdate")
                            .withNewRollingUpdate()
                            .withMaxSurge(new IntOrString(surge))
                            .withMaxUnavailable(new IntOrString(unavailable))
                            .endRollingUpdate()
                            .endStrategy()
                            .endSpec()
                            .build());
        }
    }

    @Nested
    class WhenRolling {

        private final Limits limits = new Limits(3, 1, 0);

        @Test
        void growsTheNewRevisionWithinTheSurgeFirst() {
            assertThat(Rollout.rolling(limits, current(0, 0), List.of(old(3, 3))))
                    .isEqualTo(Map.of("new", 1));
        }

        @Test
        void waitsWhileTheNewPodIsNotAvailable() {
            assertThat(Rollout.rolling(limits, current(1, 0), List.of(old(3, 3)))).isEmpty();
        }

        @Test
        void shrinksTheOldRevisionWhenTheNewPodIsAvailable() {
            assertThat(Rollout.rolling(limits, current(1, 1), List.of(old(3, 3))))
                    .isEqualTo(Map.of("old", 2));
        }

        @Test
        void removesPodsThatNeverWorkedFirst() {
            var broken = new Revision("broken", 1, 0, 0, "2026-01-01T12:00:00Z");
            assertThat(
                            Rollout.rolling(
                                    new Limits(3, 1, 1), current(1, 1), List.of(old(2, 2), broken)))
                    .containsEntry("broken", 0);
        }

        @Test
        void reachesTheEndFromAnyStartWithoutBreakingTheLimits() {
            for (int surge = 0; surge <= 3; surge++) {
                for (int unavailable = surge == 0 ? 1 : 0; unavailable <= 3; unavailable++) {
                    roll(new Limits(5, surge, unavailable));
                }
            }
        }

        private void roll(Limits limits) {
            int fresh = 0;
            int stale = 5;
            for (int step = 0; step < 40 && (fresh != 5 || stale != 0); step++) {
                var next =
                        Rollout.rolling(limits, current(fresh, fresh), List.of(old(stale, stale)));
                fresh = next.getOrDefault("new", fresh);
                stale = next.getOrDefault("old", stale);
                assertThat(fresh + stale).isBetween(limits.minimumAvailable(), limits.maximum());
            }
            assertThat(fresh).as("with %s", limits).isEqualTo(5);
            assertThat(stale).isZero();
        }
    }

    @Nested
    class WhenResized {

        @Test
        void givesAllToTheOnlyActiveRevision() {
            assertThat(
                            Rollout.proportional(
                                    new Limits(6, 2, 1),
                                    true,
                                    false,
                                    List.of(old(0, 0), current(3, 3))))
                    .isEqualTo(Map.of("new", 6));
        }

        @Test
        void sharesInProportionWhileARolloutIsUnderWay() {
            var larger = new Revision("old", 8, 8, 13, "2026-01-01T00:00:00Z");
            var smaller = new Revision("new", 5, 0, 13, "2026-01-02T00:00:00Z");
            var next =
                    Rollout.proportional(
                            new Limits(15, 3, 2), true, false, List.of(larger, smaller));
            assertThat(next).isEqualTo(Map.of("old", 11, "new", 7));
        }

        @Test
        void emptiesTheOldOnesWhenTheNewestHasAll() {
            assertThat(
                            Rollout.proportional(
                                    new Limits(3, 1, 0),
                                    true,
                                    true,
                                    List.of(old(2, 2), current(3, 3))))
                    .isEqualTo(Map.of("old", 0));
        }

        @Test
        void hasNothingToResizeBeforeTheFirstRevision() {
            assertThat(Rollout.proportional(new Limits(3, 1, 0), true, false, List.of())).isEmpty();
        }
    }

    @Test
    void hashesTheSameTemplateToTheSameLetters() {
        var template =
                new DeploymentBuilder()
                        .withNewSpec()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", "a")
                        .endMetadata()
                        .endTemplate()
                        .endSpec()
                        .build()
                        .getSpec()
                        .getTemplate();
        assertThat(TemplateHash.of(template, 0))
                .isEqualTo(TemplateHash.of(template, 0))
                .matches("[bcdfghjklmnpqrstvwxz2456789]{1,10}");
        assertThat(TemplateHash.of(template, 1)).isNotEqualTo(TemplateHash.of(template, 0));
    }
}
