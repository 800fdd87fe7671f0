package dev.coracle.controllers.nodeipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodNetworkTest {

    @Test
    void allocatesTheLowestFreePart() {
        PodNetwork network = new PodNetwork("10.244.0.0/16", 24);
        assertThat(network.allocate(List.of())).contains("10.244.0.0/24");
        assertThat(network.allocate(List.of("10.244.0.0/24", "10.244.2.0/24")))
                .contains("10.244.1.0/24");
    }

    @Test
    void saysWhenNothingIsLeft() {
        PodNetwork network = new PodNetwork("10.244.0.0/23", 24);
        List<String> taken = new ArrayList<>();
        taken.add(network.allocate(taken).orElseThrow());
        taken.add(network.allocate(taken).orElseThrow());
        assertThat(network.allocate(taken)).isEmpty();
    }

    @Test
    void refusesPartsLargerThanTheNetwork() {
        assertThatThrownBy(() -> new PodNetwork("10.244.0.0/16", 15))
                .hasMessageContaining("got 15");
    }
}
