package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.ownership.Selectors;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Finds pods of lower priority that make room for one: on each node as few as will do, those that a
 * disruption budget protects last, and of the nodes the one whose loss is least, as kube-scheduler
 * compares them.
 */
final class Preemption {

    /** So many nodes, or a tenth if that is more, are compared. */
    private static final int ENOUGH_CANDIDATES = 100;

    /**
     * The pods of {@code node} that have to go.
     *
     * @param violations how many of them against a budget
     */
    record Victims(String node, List<Pod> pods, int violations) {}

    private static final Comparator<Pod> MOST_IMPORTANT_FIRST =
            Comparator.comparingInt(Preemption::priority)
                    .reversed()
                    .thenComparing(
                            pod -> pod.getStatus() == null ? null : pod.getStatus().getStartTime(),
                            Comparator.nullsLast(Comparator.naturalOrder()));

    private final PlacedPod pod;
    private final List<NodeSelector> volumes;
    private final ClusterView view;
    private final List<PodDisruptionBudget> budgets;

    /**
     * What to make room for.
     *
     * @param volumes as in {@link Scheduling}
     * @param view all nodes: pods on others than the candidates count for affinity and spread
     */
    Preemption(
            PlacedPod pod,
            List<NodeSelector> volumes,
            ClusterView view,
            List<PodDisruptionBudget> budgets) {
        this.pod = pod;
        this.volumes = volumes;
        this.view = view;
        this.budgets = budgets;
    }

    static int priority(Pod pod) {
        Integer priority = pod.getSpec().getPriority();
        return priority == null ? 0 : priority;
    }

    /**
     * Chooses victims.
     *
     * @param candidates the names of the nodes where fewer pods could help
     */
    Optional<Victims> find(Set<String> candidates) {
        if ("Never".equals(pod.pod().getSpec().getPreemptionPolicy())) {
            return Optional.empty();
        }
        int enough = Math.max(ENOUGH_CANDIDATES, view.nodes().size() / 10);
        List<Victims> found = new ArrayList<>();
        for (int i = 0; i < view.nodes().size() && found.size() < enough; i++) {
            if (candidates.contains(view.nodes().get(i).name())) {
                onNode(i).ifPresent(found::add);
            }
        }
        return found.stream()
                .min(
                        Comparator.comparingInt(Victims::violations)
                                .thenComparingInt(v -> highest(v.pods()))
                                .thenComparingLong(v -> sum(v.pods()))
                                .thenComparingInt(v -> v.pods().size())
                                .thenComparing(v -> firstStart(v.pods()), Comparator.reverseOrder())
                                .thenComparing(Victims::node));
    }

    private static int highest(List<Pod> pods) {
        return pods.stream().mapToInt(Preemption::priority).max().orElse(Integer.MIN_VALUE);
    }

    private static long sum(List<Pod> pods) {
        // as upstream, so that two low ones are not better than one high one by their signs
        return pods.stream().mapToLong(pod -> priority(pod) + (long) Integer.MAX_VALUE + 1).sum();
    }

    /** When the first of the most important ones began; one that did not is the newest. */
    private static String firstStart(List<Pod> pods) {
        int highest = highest(pods);
        return pods.stream()
                .filter(pod -> priority(pod) == highest)
                .map(pod -> pod.getStatus() == null ? null : pod.getStatus().getStartTime())
                .map(start -> Objects.requireNonNullElse(start, "9"))
                .min(Comparator.naturalOrder())
                .orElse("");
    }

    private Optional<Victims> onNode(int index) {
        NodeState node = view.nodes().get(index);
        List<PlacedPod> lower =
                node.pods().stream()
                        .filter(other -> priority(other.pod()) < priority(pod.pod()))
                        .sorted(Comparator.comparing(PlacedPod::pod, MOST_IMPORTANT_FIRST))
                        .toList();
        List<PlacedPod> kept =
                new ArrayList<>(
                        node.pods().stream()
                                .filter(other -> priority(other.pod()) >= priority(pod.pod()))
                                .toList());
        if (lower.isEmpty() || !fits(index, kept)) {
            return Optional.empty();
        }
        Set<PlacedPod> guarded = guarded(lower);
        List<PlacedPod> order = new ArrayList<>(lower.stream().filter(guarded::contains).toList());
        lower.stream().filter(each -> !guarded.contains(each)).forEach(order::add);
        List<Pod> victims = new ArrayList<>();
        int violations = 0;
        for (PlacedPod candidate : order) {
            kept.add(candidate);
            if (!fits(index, kept)) {
                kept.removeLast();
                victims.add(candidate.pod());
                violations += guarded.contains(candidate) ? 1 : 0;
            }
        }
        victims.sort(MOST_IMPORTANT_FIRST);
        return victims.isEmpty()
                ? Optional.empty()
                : Optional.of(new Victims(node.name(), victims, violations));
    }

    private boolean fits(int index, List<PlacedPod> kept) {
        NodeState node = view.nodes().get(index).with(kept);
        return new Scheduling(pod, volumes, view.with(index, node)).refusal(node).isNone();
    }

    /** Those whose loss would be one more than a budget allows. */
    private Set<PlacedPod> guarded(List<PlacedPod> pods) {
        int[] allowed = budgets.stream().mapToInt(Preemption::allowed).toArray();
        Set<PlacedPod> guarded = Collections.newSetFromMap(new IdentityHashMap<>());
        for (PlacedPod each : pods) {
            for (int i = 0; i < allowed.length; i++) {
                if (isAbout(budgets.get(i), each.pod()) && --allowed[i] < 0) {
                    guarded.add(each);
                }
            }
        }
        return guarded;
    }

    private static int allowed(PodDisruptionBudget budget) {
        Integer allowed =
                budget.getStatus() == null ? null : budget.getStatus().getDisruptionsAllowed();
        return allowed == null ? 0 : allowed;
    }

    /** A pod whose eviction the budget has been charged for already does not count again. */
    private static boolean isAbout(PodDisruptionBudget budget, Pod pod) {
        LabelSelector selector = budget.getSpec().getSelector();
        var charged = budget.getStatus() == null ? null : budget.getStatus().getDisruptedPods();
        return budget.getMetadata().getNamespace().equals(pod.getMetadata().getNamespace())
                && selector != null
                && Selectors.selects(selector, Selectors.labels(pod))
                && (charged == null || !charged.containsKey(pod.getMetadata().getName()));
    }
}
