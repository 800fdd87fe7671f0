package dev.coracle.cloudlb.balancer;

import dev.coracle.cloudlb.target.HealthCheck;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is asked of the provider.
 *
 * @param name the key
 * @param address the address wanted; empty: any of the pool
 * @param targets where connections go, in any order
 * @param sourceRanges who may connect, as {@code address/length}; empty: everybody
 * @param sourceAffinity whether connections from one address go to one target
 */
public record LoadBalancerSpec(
        String name,
        String address,
        List<Listener> listeners,
        List<Target> targets,
        HealthCheck healthCheck,
        List<String> sourceRanges,
        boolean sourceAffinity) {

    /** A port of the load balancer and the port of the targets it leads to. */
    public record Listener(String name, Protocol protocol, int port, int targetPort) {
        public Listener {
            if (port < 1 || port > 65535 || targetPort < 1 || targetPort > 65535) {
                throw new IllegalArgumentException(
                        "listener ports must be between 1 and 65535, got %d and %d"
                                .formatted(port, targetPort));
            }
        }
    }

    /** A machine. */
    public record Target(String name, String address) {}

    /** What is forwarded. */
    public enum Protocol {
        TCP,
        UDP
    }

    private record Key(Protocol protocol, int port) {}

    public LoadBalancerSpec {
        if (!name.matches("[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "name must be 1 to 63 of a-z, 0-9, '-' and '.', got '" + name + "'");
        }
        listeners = List.copyOf(listeners);
        targets = List.copyOf(targets);
        sourceRanges = List.copyOf(sourceRanges);
        sourceRanges.forEach(SourceRange::of);
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("listeners must not be empty");
        }
        Set<Key> keys = new HashSet<>();
        for (Listener listener : listeners) {
            if (!keys.add(new Key(listener.protocol(), listener.port()))) {
                throw new IllegalArgumentException(
                        "listeners has %s port %d twice"
                                .formatted(listener.protocol(), listener.port()));
            }
        }
    }
}
