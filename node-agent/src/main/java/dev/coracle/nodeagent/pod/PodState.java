package dev.coracle.nodeagent.pod;

/**
 * Where a pod is in its life. Only the transitions that exist are methods.
 *
 * <pre>
 * Waiting -> Initializing -> Running -> Ending -> Finished
 * Waiting -> Finished                              (not admitted)
 *    any of these -> Terminating -> Gone
 * </pre>
 */
sealed interface PodState {

    /** Not started yet; {@code reason} and {@code message} say what for it waits. */
    record Waiting(String reason, String message) implements PodState {
        Initializing sandboxReady() {
            return new Initializing();
        }

        Waiting stillFor(String newReason, String newMessage) {
            return new Waiting(newReason, newMessage);
        }

        Finished rejected(Cause cause) {
            return new Finished(false, cause);
        }
    }

    /** Init containers run, one after another. */
    record Initializing() implements PodState {
        Running initialized() {
            return new Running();
        }
    }

    /** The containers run, or are restarted. */
    record Running() implements PodState {}

    /** Nothing is started any more; what still runs is being ended. */
    record Ending(boolean wasInitialized, Cause cause) implements PodState {
        Finished finished(boolean succeeded) {
            return new Finished(succeeded && cause.isNone(), cause);
        }
    }

    /** Every container has ended for good. */
    record Finished(boolean succeeded, Cause cause) implements PodState {}

    /** Asked to be gone; containers may still run. */
    record Terminating(boolean wasInitialized, Cause cause) implements PodState {
        Gone ended() {
            return new Gone();
        }
    }

    /** Nothing of it is left on this node. */
    record Gone() implements PodState {}

    /** The way to the end of a pod that runs or is about to. */
    default Ending ending(Cause cause) {
        return switch (this) {
            case Initializing _ -> new Ending(false, cause);
            case Running _ -> new Ending(true, cause);
            case Waiting _, Ending _, Finished _, Terminating _, Gone _ ->
                    throw new IllegalStateException("the pod does not run: " + this);
        };
    }

    /** The way to the end of a deleted pod. */
    default Terminating terminating() {
        return switch (this) {
            case Waiting _, Initializing _ -> new Terminating(false, Cause.NONE);
            case Running _ -> new Terminating(true, Cause.NONE);
            case Ending(boolean was, Cause cause) -> new Terminating(was, cause);
            case Finished(var _, Cause cause) -> new Terminating(true, cause);
            case Terminating same -> same;
            case Gone _ -> throw new IllegalStateException("the pod is gone");
        };
    }

    /**
     * Why the node ended a pod: {@code status.reason} and {@code status.message}.
     *
     * @param reason empty if its containers ended by themselves
     */
    record Cause(String reason, String message) {
        static final Cause NONE = new Cause("", "");

        boolean isNone() {
            return reason.isEmpty();
        }
    }
}
