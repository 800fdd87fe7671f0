package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.volume.ObjectLookup;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.io.IOException;

/** What a pod worker says to the API server. Blocks; thread-safe. */
public interface PodApi extends ObjectLookup {

    /**
     * Replaces the parts of the status that are the node's. A pod that no longer exists is no
     * error.
     */
    void writeStatus(Pod pod, PodStatus status) throws IOException;

    /** The last step of a deletion: removes the object now. One already gone is no error. */
    void remove(Pod pod) throws IOException;

    /** Tells the user; never fails. */
    void event(Pod pod, EventType type, String reason, String message);

    /** Calls {@code changed} when a ConfigMap or Secret that the pod's volumes show changes. */
    Following follow(Pod pod, Runnable changed);

    /** Until closed, somebody hears of changes. */
    interface Following extends AutoCloseable {
        @Override
        void close();
    }

    /** How an event is shown. */
    enum EventType {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String text;

        EventType(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
