package dev.coracle.controllers.deployment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The revisions of a Deployment and the annotations that carry them. */
final class RevisionHistory {

    static final String REVISION = "deployment.kubernetes.io/revision";
    static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
    static final String MAXIMUM = "deployment.kubernetes.io/max-replicas";
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

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
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /**
     * The old ReplicaSets beyond {@code limit}, oldest revision first, that are empty and can go.
     */
    static List<ReplicaSet> expired(List<ReplicaSet> old, int limit) {
        List<ReplicaSet> empty =
                old.stream()
                        .filter(rs -> rs.getMetadata().getDeletionTimestamp() == null)
                        .filter(rs -> rs.getSpec().getReplicas() == 0)
                        .filter(rs -> rs.getStatus() != null)
                        .filter(rs ->
                                rs.getStatus().getReplicas() == null
                                        || rs.getStatus().getReplicas() == 0)
                        .sorted(Comparator.comparingLong(RevisionHistory::revision))
                        .toList();
        return empty.subList(0, Math.max(0, empty.size() - limit));
    }
}
