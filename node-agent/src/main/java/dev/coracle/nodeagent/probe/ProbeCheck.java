package dev.coracle.nodeagent.probe;

import java.time.Duration;

/** One look at a container. May block for as long as {@code timeout}. */
@FunctionalInterface
public interface ProbeCheck {

    Result look(Duration timeout);

    /**
     * What a look found.
     *
     * @param message says why it failed; empty on success
     */
    record Result(boolean success, String message) {
        public static Result ok() {
            return new Result(true, "");
        }

        public static Result failed(String message) {
            return new Result(false, message);
        }
    }
}
