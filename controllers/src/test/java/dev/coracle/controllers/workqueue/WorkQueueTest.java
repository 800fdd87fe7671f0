package dev.coracle.controllers.workqueue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkQueueTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final WorkQueue<String> queue =
            new WorkQueue<>(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5)), nanos::get);

    @Test
    void handsOutAKeyOnceHoweverOftenItWasAdded() {
        queue.add("a");
        queue.add("b");
        queue.add("a");
        assertThat(queue.poll()).contains("a");
        assertThat(queue.poll()).contains("b");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void keepsAKeyBackWhileItIsWorkedOn() {
        queue.add("a");
        assertThat(queue.poll()).contains("a");
        queue.add("a");
        assertThat(queue.poll()).isEmpty();
        queue.done("a");
        assertThat(queue.poll()).contains("a");
        queue.done("a");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void delaysAKeyUntilItsTimeEvenWhenTheClockOverflows() {
        queue.addAfter("a", Duration.ofSeconds(2));
        pass(Duration.ofMillis(1999));
        assertThat(queue.poll()).isEmpty();
        pass(Duration.ofMillis(1));
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void keepsTheEarlierOfTwoDelays() {
        queue.addAfter("a", Duration.ofSeconds(1));
        queue.addAfter("a", Duration.ofSeconds(9));
        pass(Duration.ofSeconds(1));
        assertThat(queue.poll()).contains("a");
        queue.done("a");
        pass(Duration.ofSeconds(9));
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void doublesTheBackoffUpToTheLimitUntilForgotten() {
        for (int seconds : new int[] {1, 2, 4, 5, 5}) {
            queue.retry("a");
            pass(Duration.ofSeconds(seconds).minusNanos(1));
            assertThat(queue.poll()).isEmpty();
            pass(Duration.ofNanos(1));
            assertThat(queue.poll()).contains("a");
            queue.done("a");
        }
        queue.forget("a");
        queue.retry("a");
        pass(Duration.ofSeconds(1));
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void countsWhatItDoes() {
        queue.add("a");
        queue.add("a");
        queue.add("b");
        pass(Duration.ofSeconds(2));
        assertThat(queue.poll()).contains("a");
        queue.add("a");
        pass(Duration.ofSeconds(3));
        QueueFigures running = queue.figures("test");
        assertThat(running.depth()).isEqualTo(1);
        assertThat(running.adds()).isEqualTo(3);
        assertThat(running.unfinishedSeconds()).isEqualTo(3);
        assertThat(running.longestSeconds()).isEqualTo(3);
        queue.done("a");
        queue.retry("c");
        QueueFigures after = queue.figures("test");
        assertThat(after.depth()).isEqualTo(2);
        assertThat(after.retries()).isEqualTo(1);
        assertThat(after.unfinishedSeconds()).isZero();
        assertThat(after.waits().sumSeconds()).isEqualTo(2);
        assertThat(after.works().sumSeconds()).isEqualTo(3);
        assertThat(after.works().counts()).hasSize(11).element(9).isEqualTo(1L);
    }

    @Test
    void releasesWaitingWorkersWhenClosed() throws InterruptedException {
        queue.close();
        assertThat(queue.take()).isEmpty();
    }

    private void pass(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }
}
