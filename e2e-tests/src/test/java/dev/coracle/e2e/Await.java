package dev.coracle.e2e;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** Waits for a condition; fails with the last assertion. */
final class Await {

    private Await() {}

    static void until(Duration atMost, ThrowingRunnable assertion) {
        Awaitility.await()
                .atMost(atMost)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(assertion);
    }
}
