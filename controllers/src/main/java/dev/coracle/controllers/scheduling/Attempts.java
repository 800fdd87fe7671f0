package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.workqueue.Durations;
import dev.coracle.controllers.workqueue.QueueFigures;
import dev.coracle.controllers.workqueue.Ticker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Counts the tries to place pods, each from its beginning to what came of it. Thread-safe; the lock
 * is the object itself.
 */
final class Attempts {

    /** What came of a try, in the words of kube-scheduler's metrics. */
    enum Result {
        SCHEDULED("scheduled"),
        UNSCHEDULABLE("unschedulable"),
        ERROR("error");

        private final String text;

        Result(String text) {
            this.text = text;
        }
    }

    /** Tries from this one on are counted together. */
    private static final int MANY = 15;

    private static final List<Double> OF_ONE = doubling(0.001, 15);
    private static final List<Double> UNTIL_PLACED = doubling(0.01, 20);

    private record Begun(long atNanos, SchedulingQueue.Tries tries) {}

    private final Ticker ticker;
    private final Map<String, Begun> underWay = new HashMap<>();
    private final Map<String, Durations> byResult = new TreeMap<>();
    private final Map<String, Durations> byTries = new TreeMap<>();

    Attempts(Ticker ticker) {
        this.ticker = ticker;
    }

    synchronized void begun(String uid, SchedulingQueue.Tries tries) {
        underWay.put(uid, new Begun(ticker.readNanos(), tries));
    }

    /** Ends a try; one that has ended already does not count again. */
    synchronized void ended(String uid, Result result) {
        Begun begun = underWay.remove(uid);
        if (begun == null) {
            return;
        }
        long now = ticker.readNanos();
        byResult.computeIfAbsent(result.text, _ -> new Durations(OF_ONE))
                .add(now - begun.atNanos());
        if (result == Result.SCHEDULED) {
            int tries = begun.tries().count();
            byTries.computeIfAbsent(
                            tries < MANY ? Integer.toString(tries) : MANY + "+",
                            _ -> new Durations(UNTIL_PLACED))
                    .add(now - begun.tries().sinceNanos());
        }
    }

    /** The pod of a try is gone, or has a node: it was none. */
    synchronized void dropped(String uid) {
        underWay.remove(uid);
    }

    synchronized SchedulerFigures figures(Map<String, Integer> pending) {
        return new SchedulerFigures(pending, inFigures(byResult), inFigures(byTries));
    }

    private static Map<String, QueueFigures.Durations> inFigures(Map<String, Durations> counted) {
        return counted.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().figures()));
    }

    private static List<Double> doubling(double first, int count) {
        return IntStream.range(0, count).mapToObj(i -> first * (1L << i)).toList();
    }
}
