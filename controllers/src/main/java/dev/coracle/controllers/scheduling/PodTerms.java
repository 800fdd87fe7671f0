package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.ownership.Selectors;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The terms of pod affinity and anti-affinity, and which pods they are about. */
final class PodTerms {

    private PodTerms() {}

    static List<PodAffinityTerm> requiredNear(Pod pod) {
        var affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAffinity() == null
                ? List.of()
                : orEmpty(
                        affinity.getPodAffinity()
                                .getRequiredDuringSchedulingIgnoredDuringExecution());
    }

    static List<PodAffinityTerm> requiredApart(Pod pod) {
        var affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAntiAffinity() == null
                ? List.of()
                : orEmpty(
                        affinity.getPodAntiAffinity()
                                .getRequiredDuringSchedulingIgnoredDuringExecution());
    }

    static List<WeightedPodAffinityTerm> preferredNear(Pod pod) {
        var affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAffinity() == null
                ? List.of()
                : orEmpty(
                        affinity.getPodAffinity()
                                .getPreferredDuringSchedulingIgnoredDuringExecution());
    }

    static List<WeightedPodAffinityTerm> preferredApart(Pod pod) {
        var affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAntiAffinity() == null
                ? List.of()
                : orEmpty(
                        affinity.getPodAntiAffinity()
                                .getPreferredDuringSchedulingIgnoredDuringExecution());
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    /**
     * Whether a term of {@code owner} is about {@code other}.
     *
     * @param namespaces the labels of each namespace
     */
    static boolean matches(
            PodAffinityTerm term,
            Pod owner,
            Pod other,
            Map<String, Map<String, String>> namespaces) {
        return isInNamespace(term, owner, other.getMetadata().getNamespace(), namespaces)
                && term.getLabelSelector() != null
                && Selectors.matches(selector(term, owner), Selectors.labels(other));
    }

    private static boolean isInNamespace(
            PodAffinityTerm term,
            Pod owner,
            String namespace,
            Map<String, Map<String, String>> namespaces) {
        List<String> named = orEmpty(term.getNamespaces());
        LabelSelector selector = term.getNamespaceSelector();
        if (named.isEmpty() && selector == null) {
            return namespace.equals(owner.getMetadata().getNamespace());
        }
        return named.contains(namespace)
                || (selector != null
                        && Selectors.matches(
                                selector, namespaces.getOrDefault(namespace, Map.of())));
    }

    private static LabelSelector selector(PodAffinityTerm term, Pod owner) {
        return withKeys(
                withKeys(term.getLabelSelector(), term.getMatchLabelKeys(), "In", owner),
                term.getMismatchLabelKeys(),
                "NotIn",
                owner);
    }

    /** A selector that also compares the values {@code owner} has for these keys. */
    static LabelSelector withKeys(
            LabelSelector selector, @Nullable List<String> keys, String operator, Pod owner) {
        if (keys == null || keys.isEmpty()) {
            return selector;
        }
        LabelSelectorBuilder builder = new LabelSelectorBuilder(selector);
        for (String key : keys) {
            String value = Selectors.labels(owner).get(key);
            if (value != null) {
                builder.addNewMatchExpression()
                        .withKey(key)
                        .withOperator(operator)
                        .withValues(value)
                        .endMatchExpression();
            }
        }
        return builder.build();
    }
}
