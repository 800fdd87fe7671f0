package dev.coracle.controllers.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventCorrelationTest {

    private final EventCorrelation correlation = new EventCorrelation();
    private Instant now = Instant.EPOCH;

    @Test
    void countsTheSameEventAgain() {
        assertThat(admit("rs", "Created pod: a")).isEqualTo(admit("rs", "Created pod: a"));
        assertThat(admit("rs", "Created pod: a")).isNotEqualTo(admit("rs", "Created pod: b"));
        assertThat(admit("rs", "Created pod: a")).isNotEqualTo(admit("other", "Created pod: a"));
    }

    @Test
    void combinesWhatIsAlikeAfterTenMessages() {
        for (int i = 1; i < 10; i++) {
            assertThat(message("rs", "Created pod: " + i)).isEqualTo("Created pod: " + i);
        }
        Optional<EventCorrelation.Series> tenth = admit("rs", "Created pod: 10");
        assertThat(tenth.orElseThrow().message())
                .isEqualTo("(combined from similar events): Created pod: 10");
        assertThat(admit("rs", "Created pod: 11")).isEqualTo(tenth);
        now = now.plus(Duration.ofMinutes(11));
        assertThat(message("rs", "Created pod: 12")).isEqualTo("Created pod: 12");
    }

    @Test
    void dropsWhatIsTooMuchAboutOneObject() {
        long written =
                IntStream.range(0, 100).filter(i -> admit("rs", "pod " + i).isPresent()).count();
        assertThat(written).isEqualTo(25);
        assertThat(admit("other", "pod")).isPresent();
        now = now.plus(Duration.ofMinutes(5));
        assertThat(admit("rs", "later")).isPresent();
        assertThat(admit("rs", "too soon")).isEmpty();
    }

    private String message(String uid, String text) {
        return admit(uid, text).orElseThrow().message();
    }

    private Optional<EventCorrelation.Series> admit(String uid, String text) {
        return correlation.admit(uid, "Normal", "SuccessfulCreate", text, now);
    }
}
