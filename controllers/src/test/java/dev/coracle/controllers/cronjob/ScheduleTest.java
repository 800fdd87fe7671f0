package dev.coracle.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void findsTheTimesAroundAMoment() {
        Schedule schedule = Schedule.of("*/5 * * * *", null);
        assertThat(schedule.next(NOON, NOON)).contains(NOON.plusSeconds(300));
        assertThat(schedule.due(NOON.minusSeconds(1), NOON)).contains(NOON);
        assertThat(schedule.due(NOON.minusSeconds(1), NOON.plusSeconds(299))).contains(NOON);
        assertThat(Schedule.of("@hourly", null).next(NOON, NOON)).contains(NOON.plusSeconds(3600));
    }

    @Test
    void startsNothingTwice() {
        Schedule schedule = Schedule.of("*/5 * * * *", null);
        assertThat(schedule.due(NOON, NOON.plusSeconds(299))).isEmpty();
    }

    @Test
    void countsEachIntervalFromTheLastTime() {
        Schedule schedule = Schedule.of("@every 1m30s", null);
        Instant since = NOON.plusMillis(400);
        assertThat(schedule.next(since, since)).contains(NOON.plusSeconds(90));
        assertThat(schedule.due(since, NOON.plusSeconds(89))).isEmpty();
        assertThat(schedule.due(since, NOON.plusSeconds(90))).contains(NOON.plusSeconds(90));
        assertThat(schedule.due(since, NOON.plusSeconds(1000))).contains(NOON.plusSeconds(990));
        assertThat(schedule.next(since, NOON.plusSeconds(1000))).contains(NOON.plusSeconds(1080));
    }

    @ParameterizedTest
    @CsvSource({"1h, 3600", "1.5h, 5400", "1h1m1s, 3661", "2500ms, 2", "1ns, 1", "0s, 1"})
    void readsIntervals(String text, long seconds) {
        assertThat(Schedule.of("@every " + text, null).next(NOON, NOON))
                .contains(NOON.plusSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"* * * * *", "@every 1m"})
    void knowsWhenTooManyTimesWereMissed(String text) {
        Schedule schedule = Schedule.of(text, null);
        assertThat(schedule.areMany(NOON, NOON.plusSeconds(100 * 60))).isFalse();
        assertThat(schedule.areMany(NOON, NOON.plusSeconds(101 * 60))).isTrue();
    }

    @Test
    void knowsTimeZones() {
        Schedule schedule = Schedule.of("30 8 * * *", "Asia/Tokyo");
        assertThat(schedule.next(NOON, NOON)).contains(Instant.parse("2026-01-01T23:30:00Z"));
        assertThat(schedule.format(NOON)).isEqualTo("2026-01-01T21:00:00+09:00");
    }

    /** As cron: either of the two days is enough when both are given. */
    @Test
    void takesTheDayOfTheMonthOrOfTheWeek() {
        Schedule schedule = Schedule.of("0 0 13 * 5", null);
        assertThat(schedule.next(NOON, NOON)).contains(Instant.parse("2026-01-02T00:00:00Z"));
        assertThat(
                        schedule.next(
                                Instant.parse("2026-01-10T00:00:00Z"),
                                Instant.parse("2026-01-10T00:00:00Z")))
                .contains(Instant.parse("2026-01-13T00:00:00Z"));
    }

    @Test
    void knowsADayThatNeverComes() {
        assertThat(Schedule.of("59 23 31 2 *", null).next(NOON, NOON)).isEmpty();
        assertThat(Schedule.of("0 0 29 2 *", null).next(NOON, NOON))
                .contains(Instant.parse("2028-02-29T00:00:00Z"));
    }

    @Test
    void refusesWhatIsNoSchedule() {
        assertThatThrownBy(() -> Schedule.of("* * *", null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Schedule.of("@every soon", null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
