package dev.coracle.apiserver.registry.apiextensions;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PacingTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Pacing pacing = new Pacing(() -> now);

    @Test
    void worksAtOnceOnWhatIsNew() {
        pacing.want("a");
        pacing.want("b");
        pacing.want("a");

        assertThat(pacing.due()).containsExactly("a", "b");
        assertThat(pacing.due()).isEmpty();
        assertThat(pacing.untilNext()).isEmpty();
    }

    @Test
    void slowsDownWhatComesAgainAndAgain() {
        int done = 0;
        Instant end = now.plus(Duration.ofMinutes(10));
        while (now.isBefore(end)) {
            pacing.want("a");
            done += pacing.due().size();
            now = now.plus(pacing.untilNext().orElse(Duration.ofMillis(1)));
        }

        // ten at once, ten doublings, then one each ten seconds
        assertThat(done).isBetween(Pacing.FREE + 10 + 50, Pacing.FREE + 11 + 60);
    }

    @Test
    void slowsDownNothingElse() {
        for (int i = 0; i < 2 * Pacing.FREE; i++) {
            pacing.want("a");
            pacing.due();
            now = now.plus(pacing.untilNext().orElse(Duration.ZERO));
        }
        pacing.want("a");
        pacing.want("b");

        assertThat(pacing.due()).containsExactly("b");
    }

    @Test
    void forgetsAfterAWhile() {
        for (int i = 0; i < Pacing.FREE; i++) {
            pacing.want("a");
            pacing.due();
        }
        now = now.plusSeconds(11);
        pacing.due();
        pacing.want("a");

        assertThat(pacing.due()).containsExactly("a");
    }
}
