package dev.coracle.cloudlb.target;

/**
 * How targets are asked whether they are fit.
 *
 * @param protocol TCP: a connection must be accepted; HTTP: a GET must be answered with 200
 * @param port the port to ask at; 0 is the port of the first listener's target
 */
public record HealthCheck(
        Protocol protocol,
        int port,
        String path,
        int intervalMillis,
        int timeoutMillis,
        int healthyThreshold,
        int unhealthyThreshold) {

    /** How to ask. */
    public enum Protocol {
        TCP,
        HTTP
    }

    public HealthCheck {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException(
                    "healthCheck.port must be between 0 and 65535, got " + port);
        }
        if (intervalMillis < 10 || timeoutMillis < 10) {
            throw new IllegalArgumentException(
                    "healthCheck.intervalMillis and timeoutMillis must be at least 10, got %d and %d"
                            .formatted(intervalMillis, timeoutMillis));
        }
        if (healthyThreshold < 1 || unhealthyThreshold < 1) {
            throw new IllegalArgumentException(
                    "healthCheck thresholds must be at least 1, got %d and %d"
                            .formatted(healthyThreshold, unhealthyThreshold));
        }
    }

    /** Every five seconds; one success makes healthy, two failures unhealthy. */
    public static HealthCheck http(int port, String path) {
        return new HealthCheck(Protocol.HTTP, port, path, 5000, 2000, 1, 2);
    }
}
