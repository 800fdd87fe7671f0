package dev.coracle.cloudlb.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TargetHealthTest {

    private static final HealthCheck CHECK =
            new HealthCheck(HealthCheck.Protocol.TCP, 80, "/", 1000, 1000, 2, 3);

    @Test
    void becomesHealthyAfterEnoughSuccessesInARow() {
        TargetHealth once = TargetHealth.initial().succeeded(CHECK);
        assertThat(once.word()).isEqualTo("initial");
        assertThat(once.succeeded(CHECK).word()).isEqualTo("healthy");
        assertThat(once.failed(CHECK, "x").succeeded(CHECK).word()).isEqualTo("initial");
    }

    @Test
    void becomesUnhealthyAfterEnoughFailuresInARow() {
        TargetHealth twice = new TargetHealth.Healthy(0).failed(CHECK, "x").failed(CHECK, "y");
        assertThat(twice.word()).isEqualTo("healthy");
        assertThat(twice.failed(CHECK, "z")).isEqualTo(new TargetHealth.Unhealthy("z", 0));
        assertThat(twice.succeeded(CHECK)).isEqualTo(new TargetHealth.Healthy(0));
    }

    @Test
    void recovers() {
        TargetHealth sick = new TargetHealth.Unhealthy("x", 0);
        assertThat(sick.succeeded(CHECK).word()).isEqualTo("unhealthy");
        assertThat(sick.succeeded(CHECK).succeeded(CHECK).word()).isEqualTo("healthy");
    }

    @Test
    void drainsWhateverTheChecksSay() {
        TargetHealth draining = new TargetHealth.Draining();
        assertThat(draining.succeeded(CHECK)).isEqualTo(draining);
        assertThat(draining.failed(CHECK, "x")).isEqualTo(draining);
    }
}
