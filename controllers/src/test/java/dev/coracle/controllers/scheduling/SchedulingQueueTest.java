package dev.coracle.controllers.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.informer.NamespacedName;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SchedulingQueueTest {

    private final AtomicLong now = new AtomicLong();
    private final SchedulingQueue queue = new SchedulingQueue(now::get);

    @Test
    void givesTheMostImportantFirstThenTheOldest() {
        add("a", 0);
        add("b", 0);
        add("c", 5);
        assertThat(next()).isEqualTo("c");
        assertThat(next()).isEqualTo("a");
        assertThat(next()).isEqualTo("b");
        assertThat(next()).isEmpty();
    }

    @Test
    void keepsARefusedPodUntilSomethingHappensThatHelps() {
        add("a", 0);
        assertThat(next()).isEqualTo("a");
        queue.refused("a", Set.of(Happening.POD_LEFT));
        queue.happened(Happening.POD_ARRIVED);
        assertThat(next()).isEmpty();
        queue.happened(Happening.POD_LEFT);
        assertThat(next()).isEqualTo("a");
    }

    @Test
    void doesNotMissWhatHappenedDuringTheTry() {
        add("a", 0);
        queue.happened(Happening.POD_LEFT);
        assertThat(next()).isEqualTo("a");
        queue.refused("a", Set.of(Happening.POD_LEFT));
        assertThat(next()).isEmpty();
        queue.happened(Happening.POD_LEFT);
        assertThat(next()).isEqualTo("a");
        queue.happened(Happening.POD_LEFT);
        queue.refused("a", Set.of(Happening.POD_LEFT));
        assertThat(next()).isEqualTo("a");
    }

    @Test
    void letsOthersGoBeforeAPodInItsBackOff() {
        add("a", 9);
        assertThat(next()).isEqualTo("a");
        queue.refused("a", Set.of(Happening.NODE_CHANGED));
        queue.happened(Happening.NODE_CHANGED);
        add("b", 0);
        assertThat(next()).isEqualTo("b");
        assertThat(next()).isEqualTo("a");
    }

    /** However many fit nowhere, a new pod is the next or the one after. */
    @Test
    void takesTurnsBetweenNewPodsAndThoseTriedBefore() {
        for (int i = 0; i < 1000; i++) {
            add("old-" + i, 0);
        }
        for (int i = 0; i < 1000; i++) {
            queue.refused(next(), Set.of(Happening.POD_LEFT));
        }
        pass(Duration.ofSeconds(1));
        queue.happened(Happening.POD_LEFT);
        add("new-1", 0);
        add("new-2", 0);
        add("less", -1);
        assertThat(next()).isEqualTo("new-1");
        assertThat(next()).isEqualTo("old-0");
        assertThat(next()).isEqualTo("new-2");
        add("more", 1);
        assertThat(next()).isEqualTo("more");
        for (int i = 1; i < 1000; i++) {
            assertThat(next()).isEqualTo("old-" + i);
        }
        assertThat(next()).isEqualTo("less");
    }

    @Test
    void triesAFailedPodAfterItsBackOffOnly() {
        add("a", 0);
        assertThat(next()).isEqualTo("a");
        queue.failed("a");
        queue.happened(Happening.NODE_CHANGED);
        add("a", 0);
        assertThat(next()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(next()).isEqualTo("a");
        queue.failed("a");
        pass(Duration.ofSeconds(1));
        assertThat(next()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(next()).isEqualTo("a");
    }

    @Test
    void triesEveryPodAgainAfterFiveMinutes() {
        add("a", 0);
        assertThat(next()).isEqualTo("a");
        queue.refused("a", Set.of());
        pass(Duration.ofMinutes(5).minusNanos(1));
        assertThat(next()).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(next()).isEqualTo("a");
    }

    @Test
    void triesAPodAgainThatChangedDuringTheTry() {
        add("a", 0);
        assertThat(next()).isEqualTo("a");
        add("a", 3);
        assertThat(next()).isEmpty();
        queue.refused("a", Set.of());
        assertThat(next()).isEqualTo("a");
    }

    @Test
    void forgetsAPodThatIsGone() {
        add("a", 0);
        queue.remove("a");
        assertThat(next()).isEmpty();
        add("b", 0);
        assertThat(next()).isEqualTo("b");
        queue.remove("b");
        queue.refused("b", Set.of());
        queue.failed("b");
        pass(Duration.ofHours(1));
        assertThat(next()).isEmpty();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private void add(String uid, int priority) {
        queue.add(new SchedulingQueue.Candidate(uid, new NamespacedName("shop", uid), priority));
    }

    private String next() {
        Optional<SchedulingQueue.Candidate> next = queue.poll();
        return next.map(SchedulingQueue.Candidate::uid).orElse("");
    }
}
