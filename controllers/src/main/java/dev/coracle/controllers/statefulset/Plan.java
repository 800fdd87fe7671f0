package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What a StatefulSet needs next, in the order in which it is to be done: an ordered set is given
 * one step at a time and waits for its result, a parallel one all that it lacks.
 */
final class Plan {

    private final StatefulSet set;
    private final String current;
    private final String update;
    private final Instant now;
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, Pod> wanted = new TreeMap<>();
    private final Map<Integer, Pod> condemned = new TreeMap<>(Comparator.reverseOrder());

    /** One thing to do. */
    sealed interface Step {

        /** The pod of an ordinal is to be made. */
        record Create(int ordinal, boolean ofUpdate) implements Step {}

        /** A pod has ended and is to be replaced. */
        record Replace(Pod pod) implements Step {}

        /** The claims of a pod that does not run yet are to be made, if they are not there. */
        record Claims(int ordinal) implements Step {}

        /** A pod is one too many, or of an old revision. */
        record Delete(Pod pod) implements Step {}

        /** A pod lacks the labels of its ordinal. */
        record Label(Pod pod, int ordinal) implements Step {}
    }

    private Plan(StatefulSet set, List<Pod> pods, String current, String update, Instant now) {
        this.set = set;
        this.current = current;
        this.update = update;
        this.now = now;
        int first = Identity.firstOrdinal(set);
        for (Pod pod : pods) {
            OptionalInt ordinal = Identity.ordinal(set, pod);
            if (ordinal.isPresent()) {
                int number = ordinal.getAsInt();
                boolean isWanted = number >= first && number < first + Identity.replicas(set);
                (isWanted ? wanted : condemned).put(number, pod);
            }
        }
    }

    /**
     * The steps to take now.
     *
     * @param pods those the set controls
     * @param current the name of the revision the set comes from
     * @param update the name of the revision it goes to
     */
    static List<Step> of(
            StatefulSet set, List<Pod> pods, String current, String update, Instant now) {
        Plan plan = new Plan(set, pods, current, update, now);
        if (plan.fill() && plan.scaleDown()) {
            plan.roll();
        }
        return plan.steps;
    }

    /** Sees to the pods that are wanted; false when the set has to wait. */
    private boolean fill() {
        int first = Identity.firstOrdinal(set);
        for (int ordinal = first; ordinal < first + Identity.replicas(set); ordinal++) {
            Pod pod = wanted.get(ordinal);
            boolean waits;
            if (pod == null) {
                steps.add(new Step.Create(ordinal, isOfUpdate(ordinal)));
                waits = true;
            } else if (Pods.isFinished(pod)) {
                if (!Pods.isTerminating(pod)) {
                    steps.add(new Step.Replace(pod));
                }
                waits = true;
            } else {
                if (Pods.phase(pod).equals("Pending") && !Identity.claims(set, ordinal).isEmpty()) {
                    steps.add(new Step.Claims(ordinal));
                }
                if (!Identity.isLabelled(pod, ordinal)) {
                    steps.add(new Step.Label(pod, ordinal));
                }
                waits = Pods.isTerminating(pod) || !isAvailable(pod);
            }
            if (waits && isOrdered()) {
                return false;
            }
        }
        return true;
    }

    /** Takes away what is beyond the ordinals, the last first. */
    private boolean scaleDown() {
        String unhealthy = firstUnhealthy();
        for (Pod pod : condemned.values()) {
            if (Pods.isTerminating(pod)) {
                if (isOrdered()) {
                    return false;
                }
                continue;
            }
            if (isOrdered() && !isAvailable(pod) && !name(pod).equals(unhealthy)) {
                return false;
            }
            steps.add(new Step.Delete(pod));
            if (isOrdered()) {
                return false;
            }
        }
        return true;
    }

    /** The name of the lowest of all pods that is not healthy, or empty. */
    private String firstUnhealthy() {
        List<Pod> all = new ArrayList<>(wanted.values());
        all.addAll(new TreeMap<>(condemned).values());
        return all.stream().filter(pod -> !isHealthy(pod)).findFirst().map(Plan::name).orElse("");
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    /** Replaces one pod of an old revision, the last first, when all after it are healthy. */
    private void roll() {
        var strategy = set.getSpec().getUpdateStrategy();
        if (strategy != null && "OnDelete".equals(strategy.getType())) {
            return;
        }
        int last = Identity.firstOrdinal(set) + Identity.replicas(set) - 1;
        for (int ordinal = last; ordinal >= partition(); ordinal--) {
            Pod pod = wanted.get(ordinal);
            if (pod == null) {
                return;
            }
            if (!Identity.revision(pod).equals(update) && !Pods.isTerminating(pod)) {
                steps.add(new Step.Delete(pod));
                return;
            }
            if (!isHealthy(pod)) {
                return;
            }
        }
    }

    private boolean isOfUpdate(int ordinal) {
        var strategy = set.getSpec().getUpdateStrategy();
        boolean rolls = strategy == null || !"OnDelete".equals(strategy.getType());
        return current.equals(update) || !rolls || ordinal >= partition();
    }

    /** The first ordinal that is updated. */
    private int partition() {
        var strategy = set.getSpec().getUpdateStrategy();
        int partition =
                strategy == null
                                || strategy.getRollingUpdate() == null
                                || strategy.getRollingUpdate().getPartition() == null
                        ? 0
                        : strategy.getRollingUpdate().getPartition();
        return Identity.firstOrdinal(set) + partition;
    }

    private boolean isOrdered() {
        return !"Parallel".equals(set.getSpec().getPodManagementPolicy());
    }

    private boolean isHealthy(Pod pod) {
        return isAvailable(pod) && !Pods.isTerminating(pod);
    }

    private boolean isAvailable(Pod pod) {
        return Pods.phase(pod).equals("Running") && Pods.isAvailable(pod, minReady(set), now);
    }

    static Duration minReady(StatefulSet set) {
        return Pods.minReady(set.getSpec().getMinReadySeconds());
    }
}
