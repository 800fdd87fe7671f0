package dev.coracle.controllers.garbagecollection;

import dev.coracle.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The writes of garbage collection, by the path of the object; an object that is gone already is
 * fine.
 */
final class OwnerWrites {

    private final KubernetesClient client;

    OwnerWrites(KubernetesClient client) {
        this.client = client;
    }

    Optional<String> findUid(String path) {
        return find(path).map(object -> object.getMetadata().getUid());
    }

    /**
     * Deletes an object if it still has the owners for which it was judged. Those of a moment ago
     * are not enough: it may have been orphaned since.
     */
    void delete(String path, OwnedObject judged, String propagationPolicy) {
        find(path)
                .filter(live -> live.getMetadata().getUid().equals(judged.uid()))
                .filter(live -> Owners.of(live).equals(judged.owners()))
                .ifPresent(live -> deleteAsIs(path, live.getMetadata(), propagationPolicy));
    }

    /** A conflict is the caller's: it has changed in between, and is to be looked at again. */
    private void deleteAsIs(String path, ObjectMeta live, String propagationPolicy) {
        DeleteOptions options =
                new DeleteOptionsBuilder()
                        .withPropagationPolicy(propagationPolicy)
                        .withNewPreconditions(live.getResourceVersion(), live.getUid())
                        .build();
        try {
            String _ = client.raw(path, "DELETE", options);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    void dropOwners(String path, Set<String> uids) {
        find(path)
                .filter(object -> object.getMetadata().getOwnerReferences() != null)
                .ifPresent(object -> {
                    var left =
                            object.getMetadata().getOwnerReferences().stream()
                                    .filter(o -> !uids.contains(o.getUid()))
                                    .toList();
                    if (left.size() < object.getMetadata().getOwnerReferences().size()) {
                        patch(path, object, "ownerReferences", left);
                    }
                });
    }

    void removeFinalizer(String path, String finalizer) {
        find(path)
                .filter(object -> object.getMetadata().getFinalizers() != null)
                .filter(object -> object.getMetadata().getFinalizers().contains(finalizer))
                .ifPresent(object -> {
                    List<String> left = new ArrayList<>(object.getMetadata().getFinalizers());
                    left.remove(finalizer);
                    patch(path, object, "finalizers", left);
                });
    }

    private Optional<GenericKubernetesResource> find(String path) {
        return Optional.ofNullable(client.raw(path))
                .map(json -> Serialization.unmarshal(json, GenericKubernetesResource.class));
    }

    /** The whole object is written back, with its resourceVersion as guard. */
    private void patch(String path, GenericKubernetesResource object, String field, Object value) {
        Map<String, Object> whole =
                new java.util.LinkedHashMap<>(raw(Objects.requireNonNull(client.raw(path))));
        Map<String, Object> metadata = new java.util.LinkedHashMap<>(child(whole));
        metadata.put(field, value);
        metadata.put("resourceVersion", object.getMetadata().getResourceVersion());
        whole.put("metadata", metadata);
        String _ = client.raw(path, "PUT", whole);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> raw(String json) {
        return Serialization.unmarshal(json, Map.class);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> child(Map<String, Object> whole) {
        return (Map<String, Object>) Objects.requireNonNull(whole.get("metadata"));
    }
}
