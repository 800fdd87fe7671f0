package dev.coracle.cloudlb.balancer;

import dev.coracle.fabric.UserPorts;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.forwarder.BackendChooser;
import dev.coracle.forwarder.ForwardedPort;
import dev.coracle.forwarder.Forwarder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open ports of one load balancer. Confined to the owner's lock, but for the choosing of
 * targets.
 */
final class ServedListeners {

    private record Key(LoadBalancerSpec.Protocol protocol, int port) {}

    private final Forwarder forwarder;
    private final NetworkNamespace outside;
    private final NetworkNamespace inside;
    private final Map<Key, ForwardedPort> ports = new HashMap<>();
    private final Map<Key, BackendChooser> choices = new ConcurrentHashMap<>();
    private String address = "";

    ServedListeners(Forwarder forwarder, NetworkNamespace outside, NetworkNamespace inside) {
        this.forwarder = forwarder;
        this.outside = outside;
        this.inside = inside;
    }

    /**
     * Opens what is new, closes what is no longer asked for, leaves the rest open with new targets.
     */
    void apply(
            String at,
            List<LoadBalancerSpec.Listener> listeners,
            java.util.function.IntFunction<BackendChooser> choice)
            throws IOException {
        if (!at.equals(address)) {
            close();
            address = at;
        }
        Set<Key> wanted = new HashSet<>();
        for (LoadBalancerSpec.Listener listener : listeners) {
            Key key = new Key(listener.protocol(), listener.port());
            wanted.add(key);
            choices.put(key, choice.apply(listener.targetPort()));
            if (!ports.containsKey(key)) {
                ports.put(key, open(key));
            }
        }
        for (Key key : Set.copyOf(ports.keySet())) {
            if (!wanted.contains(key)) {
                close(key);
            }
        }
    }

    void dropConnections(String target) {
        ports.values()
                .forEach(port ->
                        port.dropConnections(
                                backend -> backend.getAddress().getHostAddress().equals(target)));
    }

    int activeConnections(String target) {
        return ports.values().stream()
                .flatMap(port -> port.activeConnections().entrySet().stream())
                .filter(e -> e.getKey().getAddress().getHostAddress().equals(target))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    void close() {
        Set.copyOf(ports.keySet()).forEach(this::close);
    }

    private void close(Key key) {
        ForwardedPort port = ports.remove(key);
        choices.remove(key);
        if (port != null) {
            port.close();
        }
    }

    private ForwardedPort open(Key key) throws IOException {
        InetSocketAddress listen =
                new InetSocketAddress(
                        InetAddress.ofLiteral(address), UserPorts.here().of(key.port()));
        BackendChooser newest =
                client -> {
                    BackendChooser choice = choices.get(key);
                    return choice == null ? List.of() : choice.candidates(client);
                };
        return switch (key.protocol()) {
            case TCP -> forwarder.listenTcp(outside, listen, inside, newest);
            case UDP -> forwarder.listenUdp(outside, listen, inside, newest);
        };
    }
}
