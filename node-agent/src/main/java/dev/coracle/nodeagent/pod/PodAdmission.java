package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** Decides whether the node takes a pod that was bound to it. Thread-safe. */
interface PodAdmission {

    /** Empty if the pod may run; it counts from then on. */
    Optional<Rejection> admit(Pod pod);

    /** The pod uses nothing any more. */
    void release(Pod pod);

    /** Why not: {@code status.reason} and {@code status.message}. */
    record Rejection(String reason, String message) {}
}
