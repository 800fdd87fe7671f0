package dev.coracle.nodeagent.pod;

/**
 * Where a pod is in its life. Only the transitions that exist are methods.
 *
 * <pre>
 * Waiting -> Initializing -> Running -> Finished
 *    any of these -> Terminating -> Gone
 * </pre>
 */
sealed interface PodState {

    /** Not started yet; {@code reason} and {@code message} say what for it waits. */
    record Waiting(String reason, String message) implements PodState {
        Initializing sandboxReady() {
            return new Initializing(0);
        }

        Waiting stillFor(String newReason, String newMessage) {
            return new Waiting(newReason, newMessage);
        }
    }

    /** Init container number {@code next} runs or is about to. */
    record Initializing(int next) implements PodState {
        Initializing oneDone() {
            return new Initializing(next + 1);
        }

        Running initialized() {
            return new Running();
        }

        Finished failed() {
            return new Finished(false);
        }
    }

    /** The containers run, or are restarted. */
    record Running() implements PodState {
        Finished finished(boolean succeeded) {
            return new Finished(succeeded);
        }
    }

    /** Every container has ended for good. */
    record Finished(boolean succeeded) implements PodState {}

    /** Asked to end; containers may still run. */
    record Terminating(boolean wasInitialized) implements PodState {
        Gone ended() {
            return new Gone();
        }
    }

    /** Nothing of it is left on this node. */
    record Gone() implements PodState {}
}
