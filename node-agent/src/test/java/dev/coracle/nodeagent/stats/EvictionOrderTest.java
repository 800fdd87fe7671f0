package dev.coracle.nodeagent.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.nodeagent.stats.EvictionOrder.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvictionOrderTest {

    @Test
    void takesThoseAboveTheirRequestFirstThenByPriorityThenByExcess() {
        Candidate within = new Candidate("within", 0, 100, 200);
        Candidate important = new Candidate("important", 10, 900, 0);
        Candidate small = new Candidate("small", 0, 300, 200);
        Candidate large = new Candidate("large", 0, 500, 200);
        assertThat(EvictionOrder.first(List.of(within, important, small, large))).contains(large);
        assertThat(EvictionOrder.first(List.of(within, important))).contains(important);
        assertThat(EvictionOrder.first(List.of(within))).contains(within);
        assertThat(EvictionOrder.first(List.of())).isEmpty();
    }

    @Test
    void countsBusyTicksOnly() {
        assertThat(NodeUsage.cpu("cpu  10 1 5 1000 200 2 3 4 0 0")).isEqualTo(250_000_000L);
    }
}
