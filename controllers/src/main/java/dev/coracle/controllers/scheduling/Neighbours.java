package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where other pods want a pod to be, or not, and where it wants to be itself (inter-pod affinity).
 */
final class Neighbours {

    private final Pod pod;
    private final List<NodeState> nodes;
    private final Map<String, Map<String, String>> namespaces;

    /** A label's value that stands for a domain of nodes. */
    private record Domain(String key, String value) {}

    private final Set<Domain> forbiddenByOthers = new HashSet<>();
    private final List<Set<Domain>> apart = new ArrayList<>();
    private final List<Set<Domain>> near = new ArrayList<>();
    private final boolean startsGroup;

    Neighbours(Pod pod, List<NodeState> nodes, Map<String, Map<String, String>> namespaces) {
        this.pod = pod;
        this.nodes = nodes;
        this.namespaces = namespaces;
        for (PodAffinityTerm term : PodTerms.requiredNear(pod)) {
            near.add(domainsOf(term));
        }
        for (PodAffinityTerm term : PodTerms.requiredApart(pod)) {
            apart.add(domainsOf(term));
        }
        for (NodeState node : nodes) {
            for (Pod other : node.pods()) {
                for (PodAffinityTerm term : PodTerms.requiredApart(other)) {
                    if (PodTerms.matches(term, other, pod, namespaces)) {
                        domain(node, term).ifPresent(forbiddenByOthers::add);
                    }
                }
            }
        }
        // the first of pods that want to be near one another goes anywhere
        startsGroup =
                near.stream().allMatch(Set::isEmpty)
                        && PodTerms.requiredNear(pod).stream()
                                .allMatch(term -> PodTerms.matches(term, pod, pod, namespaces));
    }

    private Set<Domain> domainsOf(PodAffinityTerm term) {
        Set<Domain> domains = new HashSet<>();
        for (NodeState node : nodes) {
            for (Pod other : node.pods()) {
                if (PodTerms.matches(term, pod, other, namespaces)) {
                    domain(node, term).ifPresent(domains::add);
                }
            }
        }
        return domains;
    }

    private static Optional<Domain> domain(NodeState node, PodAffinityTerm term) {
        String value = node.labels().get(term.getTopologyKey());
        return value == null
                ? Optional.empty()
                : Optional.of(new Domain(term.getTopologyKey(), value));
    }

    /** Why a node is not among the right neighbours; empty if it is. */
    Optional<String> objection(NodeState node) {
        List<PodAffinityTerm> wanted = PodTerms.requiredNear(pod);
        for (int i = 0; i < wanted.size(); i++) {
            Optional<Domain> domain = domain(node, wanted.get(i));
            if (domain.isEmpty() || !(startsGroup || near.get(i).contains(domain.get()))) {
                return Optional.of("node(s) didn't match pod affinity rules");
            }
        }
        List<PodAffinityTerm> unwanted = PodTerms.requiredApart(pod);
        for (int i = 0; i < unwanted.size(); i++) {
            Optional<Domain> domain = domain(node, unwanted.get(i));
            if (domain.isPresent() && apart.get(i).contains(domain.get())) {
                return Optional.of("node(s) didn't match pod anti-affinity rules");
            }
        }
        boolean forbidden =
                forbiddenByOthers.stream()
                        .anyMatch(domain -> domain.value().equals(node.labels().get(domain.key())));
        return forbidden
                ? Optional.of("node(s) didn't satisfy existing pods anti-affinity rules")
                : Optional.empty();
    }

    /** The sum of the weights of the preferred terms that a node fulfils, of both sides. */
    long preference(NodeState node) {
        var affinity = pod.getSpec().getAffinity();
        long sum = 0;
        if (affinity != null && affinity.getPodAffinity() != null) {
            sum +=
                    weigh(
                            node,
                            affinity.getPodAffinity()
                                    .getPreferredDuringSchedulingIgnoredDuringExecution());
        }
        if (affinity != null && affinity.getPodAntiAffinity() != null) {
            sum -=
                    weigh(
                            node,
                            affinity.getPodAntiAffinity()
                                    .getPreferredDuringSchedulingIgnoredDuringExecution());
        }
        return sum;
    }

    private long weigh(NodeState node, List<WeightedPodAffinityTerm> terms) {
        long sum = 0;
        if (terms != null) {
            for (WeightedPodAffinityTerm weighted : terms) {
                Optional<Domain> domain = domain(node, weighted.getPodAffinityTerm());
                if (domain.isPresent()) {
                    sum +=
                            weighted.getWeight()
                                    * matching(weighted.getPodAffinityTerm(), domain.get());
                }
            }
        }
        return sum;
    }

    private long matching(PodAffinityTerm term, Domain domain) {
        return nodes.stream()
                .filter(node -> domain.value().equals(node.labels().get(domain.key())))
                .flatMap(node -> node.pods().stream())
                .filter(other -> PodTerms.matches(term, pod, other, namespaces))
                .count();
    }
}
