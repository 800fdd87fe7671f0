package dev.coracle.controllers.deployment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The revisions of a Deployment and the annotations that carry them. */
final class RevisionHistory {

    static final String REVISION = "deployment.kubernetes.io/revision";
    static final String EARLIER = "deployment.kubernetes.io/revision-history";
    static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
    static final String MAXIMUM = "deployment.kubernetes.io/max-replicas";
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    /** As far as the annotation of the earlier revisions may grow, in characters. */
    private static final int LONGEST = 2000;

    private RevisionHistory() {}

    static long revision(HasMetadata object) {
        return number(object, REVISION);
    }

    /** The number in annotation {@code key}; 0 if there is none. */
    static long number(HasMetadata object, String key) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        String value = annotations == null ? null : annotations.get(key);
        try {
            return value == null ? 0 : Long.parseLong(value);
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    /** The Deployment's annotations that its ReplicaSets carry too. */
    static Map<String, String> inherited(HasMetadata deployment) {
        Map<String, String> annotations = deployment.getMetadata().getAnnotations();
        if (annotations == null) {
            return Map.of();
        }
        return annotations.entrySet().stream()
                .filter(e -> !e.getKey().startsWith("deployment.kubernetes.io/"))
                .filter(e -> !e.getKey().equals(LAST_APPLIED))
                .filter(e -> !e.getKey().equals("deprecated.deployment.rollback.to"))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /**
     * The annotations of the ReplicaSet of a Deployment's template that is its {@code revision}:
     * its own, the Deployment's, and the revisions it was before.
     */
    static Map<String, String> annotations(
            Deployment deployment, ReplicaSet current, long revision) {
        Map<String, String> annotations = new HashMap<>();
        if (current.getMetadata().getAnnotations() != null) {
            annotations.putAll(current.getMetadata().getAnnotations());
        }
        annotations.putAll(inherited(deployment));
        String before = annotations.put(REVISION, Long.toString(revision));
        if (before != null && revision(current) < revision) {
            annotations.merge(EARLIER, before, (earlier, last) -> shortened(earlier + "," + last));
        }
        return annotations;
    }

    private static String shortened(String revisions) {
        return revisions.length() <= LONGEST
                ? revisions
                : shortened(revisions.substring(revisions.indexOf(',') + 1));
    }

    /** The oldest revisions beyond {@code limit}, as far as they are empty and can go. */
    static List<ReplicaSet> expired(List<ReplicaSet> old, int limit) {
        List<ReplicaSet> kept =
                old.stream()
                        .filter(rs -> rs.getMetadata().getDeletionTimestamp() == null)
                        .sorted(Comparator.comparingLong(RevisionHistory::revision))
                        .toList();
        return kept.subList(0, Math.max(0, kept.size() - limit)).stream()
                .filter(rs -> rs.getSpec().getReplicas() == 0)
                .filter(rs -> rs.getStatus() != null)
                .filter(rs ->
                        rs.getStatus().getReplicas() == null || rs.getStatus().getReplicas() == 0)
                .toList();
    }
}
