package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where other pods want a pod to be, or not, and where it wants to be itself (inter-pod affinity).
 *
 * <p>All pods are looked at only for a pod that has terms of its own; for others those nodes are
 * enough whose pods have terms.
 */
final class Neighbours {

    private final Pod pod;
    private final ClusterView view;
    private final List<PodAffinityTerm> wanted;
    private final List<PodAffinityTerm> unwanted;

    /** A label's value that stands for a domain of nodes. */
    private record Domain(String key, String value) {}

    private final Set<Domain> forbiddenByOthers = new HashSet<>();
    private final List<Set<Domain>> apart = new ArrayList<>();
    private final List<Set<Domain>> near = new ArrayList<>();
    private final Map<Domain, Long> liked = new HashMap<>();
    private final boolean startsGroup;

    Neighbours(Pod pod, ClusterView view) {
        this.pod = pod;
        this.view = view;
        this.wanted = PodTerms.requiredNear(pod);
        this.unwanted = PodTerms.requiredApart(pod);
        wanted.forEach(_ -> near.add(new HashSet<>()));
        unwanted.forEach(_ -> apart.add(new HashSet<>()));
        List<WeightedPodAffinityTerm> likes = PodTerms.preferredNear(pod);
        List<WeightedPodAffinityTerm> dislikes = PodTerms.preferredApart(pod);
        if (!(wanted.isEmpty() && unwanted.isEmpty() && likes.isEmpty() && dislikes.isEmpty())) {
            for (NodeState node : view.nodes()) {
                for (PlacedPod other : node.pods()) {
                    require(node, other.pod());
                    prefer(node, likes, pod, other.pod(), 1);
                    prefer(node, dislikes, pod, other.pod(), -1);
                }
            }
        }
        for (NodeState node : view.opinionated()) {
            for (PlacedPod other : node.pods()) {
                if (other.opinionated()) {
                    hear(node, other.pod());
                }
            }
        }
        // the first of pods that want to be near one another goes anywhere
        startsGroup =
                near.stream().allMatch(Set::isEmpty)
                        && wanted.stream().allMatch(term -> matches(term, pod, pod));
    }

    private boolean matches(PodAffinityTerm term, Pod owner, Pod other) {
        return PodTerms.matches(term, owner, other, view.namespaces());
    }

    /** Only a pod that all terms are about makes its domains good ones. */
    private void require(NodeState node, Pod other) {
        if (!wanted.isEmpty() && wanted.stream().allMatch(term -> matches(term, pod, other))) {
            for (int i = 0; i < wanted.size(); i++) {
                domain(node, wanted.get(i)).ifPresent(near.get(i)::add);
            }
        }
        for (int i = 0; i < unwanted.size(); i++) {
            if (matches(unwanted.get(i), pod, other)) {
                domain(node, unwanted.get(i)).ifPresent(apart.get(i)::add);
            }
        }
    }

    private void prefer(
            NodeState node,
            List<WeightedPodAffinityTerm> terms,
            Pod owner,
            Pod other,
            int direction) {
        for (WeightedPodAffinityTerm term : terms) {
            if (matches(term.getPodAffinityTerm(), owner, other)) {
                like(node, term.getPodAffinityTerm(), (long) direction * term.getWeight());
            }
        }
    }

    private void like(NodeState node, PodAffinityTerm term, long weight) {
        domain(node, term).ifPresent(domain -> liked.merge(domain, weight, Long::sum));
    }

    /** What a pod that is there says about this one. */
    private void hear(NodeState node, Pod other) {
        for (PodAffinityTerm term : PodTerms.requiredApart(other)) {
            if (matches(term, other, pod)) {
                domain(node, term).ifPresent(forbiddenByOthers::add);
            }
        }
        for (PodAffinityTerm term : PodTerms.requiredNear(other)) {
            if (matches(term, other, pod)) {
                like(node, term, 1);
            }
        }
        prefer(node, PodTerms.preferredNear(other), other, pod, 1);
        prefer(node, PodTerms.preferredApart(other), other, pod, -1);
    }

    private static Optional<Domain> domain(NodeState node, PodAffinityTerm term) {
        String value = node.labels().get(term.getTopologyKey());
        return value == null
                ? Optional.empty()
                : Optional.of(new Domain(term.getTopologyKey(), value));
    }

    /** Why a node is not among the right neighbours; empty if it is. */
    Optional<String> objection(NodeState node) {
        for (int i = 0; i < wanted.size(); i++) {
            Optional<Domain> domain = domain(node, wanted.get(i));
            if (domain.isEmpty() || !(startsGroup || near.get(i).contains(domain.get()))) {
                return Optional.of("node(s) didn't match pod affinity rules");
            }
        }
        for (int i = 0; i < unwanted.size(); i++) {
            Optional<Domain> domain = domain(node, unwanted.get(i));
            if (domain.isPresent() && apart.get(i).contains(domain.get())) {
                return Optional.of("node(s) didn't match pod anti-affinity rules");
            }
        }
        for (Domain domain : forbiddenByOthers) {
            if (domain.value().equals(node.labels().get(domain.key()))) {
                return Optional.of("node(s) didn't satisfy existing pods anti-affinity rules");
            }
        }
        return Optional.empty();
    }

    /** Whether any node is preferred to another. */
    boolean hasPreference() {
        return !liked.isEmpty();
    }

    /**
     * The sum of the weights of the preferred terms that a node fulfils, of both sides; a required
     * term of a pod that is there counts one.
     */
    long preference(NodeState node) {
        long sum = 0;
        for (Map.Entry<Domain, Long> each : liked.entrySet()) {
            if (each.getKey().value().equals(node.labels().get(each.getKey().key()))) {
                sum += each.getValue();
            }
        }
        return sum;
    }
}
