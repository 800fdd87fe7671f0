package dev.coracle.nodeagent.volume;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** Reads the objects that a pod refers to. Blocks. */
public interface ObjectLookup {

    Optional<ConfigMap> configMap(String namespace, String name);

    Optional<Secret> secret(String namespace, String name);

    Optional<PersistentVolumeClaim> claim(String namespace, String name);

    Optional<PersistentVolume> persistentVolume(String name);

    /**
     * A new token of the pod's service account, bound to the pod.
     *
     * @param audience empty for the API server's own
     */
    Token token(Pod pod, String audience, long expirationSeconds) throws IOException;

    /** A token and how long it holds. */
    record Token(String text, Instant issued, Instant expires) {}
}
