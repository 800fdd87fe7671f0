package dev.coracle.controllers.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TolerationsTest {

    private static final Taint A = new Taint("NoExecute", "a", null, "1");
    private static final Taint B = new Taint("NoExecute", "b", null, null);

    private final Pod pod =
            new PodBuilder()
                    .withNewSpec()
                    .addNewToleration("NoExecute", "a", "Equal", 60L, "1")
                    .addNewToleration(null, "b", "Exists", null, null)
                    .endSpec()
                    .build();

    @Test
    void letsAPodStayAsLongAsTheLeastOfItsTolerations() {
        assertThat(Tolerations.findStay(pod, List.of(A, B))).contains(Duration.ofMinutes(1));
        assertThat(Tolerations.findStay(pod, List.of(B))).isEmpty();
        assertThat(Tolerations.findStay(pod, List.of())).isEmpty();
    }

    @Test
    void letsNoPodStayThatLacksAToleration() {
        Taint other = new Taint("NoExecute", "a", null, "2");
        assertThat(Tolerations.findStay(pod, List.of(B, other))).contains(Duration.ZERO);
    }
}
