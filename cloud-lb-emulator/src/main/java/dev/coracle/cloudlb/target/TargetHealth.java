package dev.coracle.cloudlb.target;

/** What is known of a target. Transitions are methods: each check's result gives the next state. */
public sealed interface TargetHealth {

    /** Registered, not yet asked often enough. */
    record Initial(int successes, int failures) implements TargetHealth {}

    /** Fit; {@code failures} in a row since it last answered. */
    record Healthy(int failures) implements TargetHealth {}

    /** Not fit, and why; {@code successes} in a row since. */
    record Unhealthy(String reason, int successes) implements TargetHealth {}

    /** Deregistered: gets no new connections, keeps those it has for a while. */
    record Draining() implements TargetHealth {}

    static TargetHealth initial() {
        return new Initial(0, 0);
    }

    default TargetHealth succeeded(HealthCheck check) {
        return switch (this) {
            case Initial(int successes, int _) ->
                    successes + 1 >= check.healthyThreshold()
                            ? new Healthy(0)
                            : new Initial(successes + 1, 0);
            case Healthy _ -> new Healthy(0);
            case Unhealthy(String reason, int successes) ->
                    successes + 1 >= check.healthyThreshold()
                            ? new Healthy(0)
                            : new Unhealthy(reason, successes + 1);
            case Draining draining -> draining;
        };
    }

    default TargetHealth failed(HealthCheck check, String reason) {
        return switch (this) {
            case Initial(int _, int failures) ->
                    failures + 1 >= check.unhealthyThreshold()
                            ? new Unhealthy(reason, 0)
                            : new Initial(0, failures + 1);
            case Healthy(int failures) ->
                    failures + 1 >= check.unhealthyThreshold()
                            ? new Unhealthy(reason, 0)
                            : new Healthy(failures + 1);
            case Unhealthy _ -> new Unhealthy(reason, 0);
            case Draining draining -> draining;
        };
    }

    /** The word of the REST API. */
    default String word() {
        return switch (this) {
            case Initial _ -> "initial";
            case Healthy _ -> "healthy";
            case Unhealthy _ -> "unhealthy";
            case Draining _ -> "draining";
        };
    }
}
