package dev.coracle.controllers.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.scheduling.Attempts.Result;
import dev.coracle.controllers.scheduling.SchedulingQueue.Tries;
import dev.coracle.controllers.workqueue.QueueFigures.Durations;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AttemptsTest {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong();
    private final Attempts attempts = new Attempts(now::get);

    private void attempt(int number, Result result) {
        attempts.begun("pod", new Tries(number, 0));
        now.addAndGet(SECOND);
        attempts.ended("pod", result);
    }

    private static Durations of(Map<String, Durations> durations, String of) {
        return Objects.requireNonNull(durations.get(of));
    }

    private static long count(Map<String, Durations> durations, String of) {
        return of(durations, of).counts().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void countsTriesByWhatCameOfThem() {
        attempt(1, Result.UNSCHEDULABLE);
        attempt(2, Result.ERROR);
        attempt(3, Result.SCHEDULED);
        SchedulerFigures figures = attempts.figures(Map.of("active", 0));
        assertThat(figures.attempts()).containsOnlyKeys("unschedulable", "error", "scheduled");
        assertThat(count(figures.attempts(), "error")).isEqualTo(1);
        assertThat(of(figures.attempts(), "error").sumSeconds()).isEqualTo(1);
        assertThat(figures.pending()).containsOnlyKeys("active");
    }

    @Test
    void measuresFromTheFirstTryToThePlace() {
        attempt(1, Result.UNSCHEDULABLE);
        attempt(2, Result.SCHEDULED);
        attempt(15, Result.SCHEDULED);
        attempt(20, Result.SCHEDULED);
        Map<String, Durations> waits = attempts.figures(Map.of()).untilPlaced();
        assertThat(waits).containsOnlyKeys("2", "15+");
        assertThat(of(waits, "2").sumSeconds()).isEqualTo(2);
        assertThat(count(waits, "15+")).isEqualTo(2);
    }

    @Test
    void countsNoTryTwice() {
        attempt(1, Result.SCHEDULED);
        attempts.ended("pod", Result.ERROR);
        attempts.begun("gone", new Tries(1, 0));
        attempts.dropped("gone");
        attempts.ended("gone", Result.ERROR);
        assertThat(attempts.figures(Map.of()).attempts()).containsOnlyKeys("scheduled");
    }
}
