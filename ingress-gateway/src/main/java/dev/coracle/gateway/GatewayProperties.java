package dev.coracle.gateway;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the gateway must be told.
 *
 * @param address where to listen
 * @param port where to listen; 0 takes a free one
 * @param tlsPort where to listen for TLS; 0 takes a free one
 * @param adminPort where {@code /healthz} and {@code /debug/routes} are, on the host's loopback; 0
 *     takes a free one
 * @param networkNamespace the named network namespace to listen in and to dial pods from; empty is
 *     the host's
 * @param register whether to make the IngressClass, the Service and its EndpointSlice
 * @param connectTimeout how long one endpoint may take to accept
 * @param responseTimeout how long a backend may be silent before a response
 */
@ConfigurationProperties("coracle.gateway")
public record GatewayProperties(
        @DefaultValue("127.0.0.1") String address,
        @DefaultValue("8080") int port,
        @DefaultValue("8443") int tlsPort,
        @DefaultValue("8093") int adminPort,
        @DefaultValue("") String networkNamespace,
        @DefaultValue("false") boolean register,
        @DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("60s") Duration responseTimeout) {

    public GatewayProperties {
        if (!connectTimeout.isPositive() || !responseTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "timeouts must be positive, got %s and %s"
                            .formatted(connectTimeout, responseTimeout));
        }
    }

    /** The same at an address of the network of this process. */
    public static GatewayProperties onHost(String address, int port, int tlsPort, int adminPort) {
        return new GatewayProperties(
                address,
                port,
                tlsPort,
                adminPort,
                "",
                true,
                Duration.ofSeconds(2),
                Duration.ofSeconds(60));
    }

    /**
     * As the all-in-one cluster runs it: at 10.89.0.4, ports 80 and 443, of network namespace
     * {@code fabric}.
     */
    public static GatewayProperties inFabric(String fabric, int adminPort) {
        return new GatewayProperties(
                "10.89.0.4",
                80,
                443,
                adminPort,
                fabric,
                true,
                Duration.ofSeconds(2),
                Duration.ofSeconds(60));
    }
}
