package dev.coracle.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void findsTheTimesAroundAMoment() {
        Schedule schedule = Schedule.of("*/5 * * * *", null);
        assertThat(schedule.nextAfter(NOON)).contains(NOON.plusSeconds(300));
        assertThat(schedule.lastUntil(NOON)).contains(NOON);
        assertThat(schedule.lastUntil(NOON.plusSeconds(299))).contains(NOON);
        assertThat(Schedule.of("@hourly", null).nextAfter(NOON)).contains(NOON.plusSeconds(3600));
    }

    @Test
    void knowsTimeZones() {
        Schedule schedule = Schedule.of("30 8 * * *", "Asia/Tokyo");
        assertThat(schedule.nextAfter(NOON)).contains(Instant.parse("2026-01-01T23:30:00Z"));
        assertThat(schedule.format(NOON)).isEqualTo("2026-01-01T21:00:00+09:00");
    }

    /** As cron: either of the two days is enough when both are given. */
    @Test
    void takesTheDayOfTheMonthOrOfTheWeek() {
        Schedule schedule = Schedule.of("0 0 13 * 5", null);
        assertThat(schedule.nextAfter(NOON)).contains(Instant.parse("2026-01-02T00:00:00Z"));
        assertThat(schedule.nextAfter(Instant.parse("2026-01-10T00:00:00Z")))
                .contains(Instant.parse("2026-01-13T00:00:00Z"));
    }

    @Test
    void refusesWhatIsNoSchedule() {
        assertThatThrownBy(() -> Schedule.of("* * *", null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
