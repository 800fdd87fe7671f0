package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How evenly the pods like one are spread over the domains that its constraints name. */
final class TopologySpread {

    private static final String MISMATCH = "node(s) didn't match pod topology spread constraints";

    private final Pod pod;
    private final List<Counted> hard = new ArrayList<>();
    private final List<Counted> soft = new ArrayList<>();

    /** A constraint and how many matching pods each of its domains has. */
    private record Counted(
            TopologySpreadConstraint constraint, boolean countsItself, Map<String, Integer> pods) {

        int least() {
            Integer domains = constraint.getMinDomains();
            return domains != null && pods.size() < domains
                    ? 0
                    : pods.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        }
    }

    TopologySpread(Pod pod, List<NodeState> nodes) {
        this.pod = pod;
        List<TopologySpreadConstraint> constraints = pod.getSpec().getTopologySpreadConstraints();
        if (constraints == null) {
            return;
        }
        for (TopologySpreadConstraint constraint : constraints) {
            boolean isHard = "DoNotSchedule".equals(constraint.getWhenUnsatisfiable());
            (isHard ? hard : soft).add(count(constraint, nodes));
        }
    }

    private Counted count(TopologySpreadConstraint constraint, List<NodeState> nodes) {
        LabelSelector selector =
                PodTerms.withKeys(
                        constraint.getLabelSelector() == null
                                ? new LabelSelectorBuilder().build()
                                : constraint.getLabelSelector(),
                        constraint.getMatchLabelKeys(),
                        "In",
                        pod);
        boolean selectsNothing = constraint.getLabelSelector() == null;
        Map<String, Integer> pods = new HashMap<>();
        for (NodeState node : nodes) {
            String domain = node.labels().get(constraint.getTopologyKey());
            if (domain == null || !isCounted(constraint, node)) {
                continue;
            }
            int matching = 0;
            for (PlacedPod other : selectsNothing ? List.<PlacedPod>of() : node.pods()) {
                if (isAlike(other.pod(), selector)) {
                    matching++;
                }
            }
            pods.merge(domain, matching, Integer::sum);
        }
        return new Counted(
                constraint,
                !selectsNothing && Selectors.matches(selector, Selectors.labels(pod)),
                pods);
    }

    private boolean isAlike(Pod other, LabelSelector selector) {
        return other.getMetadata().getNamespace().equals(pod.getMetadata().getNamespace())
                && !Pods.isTerminating(other)
                && Selectors.matches(selector, Selectors.labels(other));
    }

    /** The inclusion policies: nodes the pod cannot go to do not count, if so wished. */
    private boolean isCounted(TopologySpreadConstraint constraint, NodeState node) {
        boolean honorsAffinity = !"Ignore".equals(constraint.getNodeAffinityPolicy());
        boolean honorsTaints = "Honor".equals(constraint.getNodeTaintsPolicy());
        return (!honorsAffinity || NodeAffinityTerms.accept(pod, node))
                && (!honorsTaints
                        || node.taints().stream()
                                .filter(t -> !"PreferNoSchedule".equals(t.getEffect()))
                                .allMatch(t -> Tolerations.tolerates(pod, t)));
    }

    /** Why a pod more on the node would be too uneven; empty if it would not. */
    Optional<String> objection(NodeState node) {
        for (Counted counted : hard) {
            String domain = node.labels().get(counted.constraint().getTopologyKey());
            if (domain == null) {
                return Optional.of(MISMATCH + " (missing required label)");
            }
            int there = counted.pods().getOrDefault(domain, 0) + (counted.countsItself() ? 1 : 0);
            if (there - counted.least() > counted.constraint().getMaxSkew()) {
                return Optional.of(MISMATCH);
            }
        }
        return Optional.empty();
    }

    /** Whether the pod says anything about its spread. */
    boolean isAsked() {
        return !(hard.isEmpty() && soft.isEmpty());
    }

    /** How many pods like it are in the node's domains already: the fewer the better. */
    long crowd(NodeState node) {
        long sum = 0;
        for (Counted counted : soft) {
            String domain = node.labels().get(counted.constraint().getTopologyKey());
            // a node outside of all domains comes last
            sum += domain == null ? 1000 : counted.pods().getOrDefault(domain, 0);
        }
        return sum;
    }
}
