package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.workqueue.QueueFigures.Durations;
import java.util.Map;

/**
 * What the scheduler has to say of itself, by kube-scheduler's names.
 *
 * @param pending how many pods wait, by where
 * @param attempts how long tries to place a pod took, by their result
 * @param untilPlaced how long pods that have a node waited for it, by the number of tries
 */
public record SchedulerFigures(
        Map<String, Integer> pending,
        Map<String, Durations> attempts,
        Map<String, Durations> untilPlaced) {

    public SchedulerFigures {
        pending = Map.copyOf(pending);
        attempts = Map.copyOf(attempts);
        untilPlaced = Map.copyOf(untilPlaced);
    }
}
