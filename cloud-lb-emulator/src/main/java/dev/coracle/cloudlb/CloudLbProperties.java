package dev.coracle.cloudlb;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the emulated cloud must be told.
 *
 * @param bind the address of the REST API
 * @param port the port of the REST API; 0 takes a free one
 * @param pool the addresses load balancers get, as {@code address/length}; the host must have them
 *     as local addresses
 * @param networkNamespace the named network namespace targets are dialled from; empty is the host's
 * @param provisioningDelay how long a new load balancer stays in state provisioning
 * @param deregistrationDelay how long a removed target keeps its connections
 */
@ConfigurationProperties("coracle.cloud-lb")
public record CloudLbProperties(
        @DefaultValue("127.0.0.1") String bind,
        @DefaultValue("8092") int port,
        @DefaultValue("10.88.0.0/24") String pool,
        @DefaultValue("") String networkNamespace,
        @DefaultValue("0ms") Duration provisioningDelay,
        @DefaultValue("30s") Duration deregistrationDelay) {

    public CloudLbProperties {
        if (provisioningDelay.isNegative() || deregistrationDelay.isNegative()) {
            throw new IllegalArgumentException(
                    "delays must not be negative, got %s and %s"
                            .formatted(provisioningDelay, deregistrationDelay));
        }
    }

    /**
     * As the all-in-one cluster runs it: targets are dialled from network namespace {@code fabric}.
     */
    public static CloudLbProperties inFabric(String fabric, int port) {
        return new CloudLbProperties(
                "127.0.0.1", port, "10.88.0.0/24", fabric, Duration.ZERO, Duration.ofSeconds(30));
    }

    /** The same with addresses of {@code pool} and targets in the network of this process. */
    public static CloudLbProperties onHost(String pool, int port) {
        return new CloudLbProperties(
                "127.0.0.1", port, pool, "", Duration.ZERO, Duration.ofSeconds(30));
    }
}
