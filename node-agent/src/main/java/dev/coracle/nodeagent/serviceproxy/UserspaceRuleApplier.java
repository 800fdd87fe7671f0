package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.island.Tool;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.forwarder.BackendChooser;
import dev.coracle.forwarder.ForwardedPort;
import dev.coracle.forwarder.Forwarder;
import dev.coracle.forwarder.ForwarderOptions;
import dev.coracle.forwarder.RoundRobinBackends;
import dev.coracle.nodeagent.serviceproxy.RuleSet.Backend;
import dev.coracle.nodeagent.serviceproxy.RuleSet.Protocol;
import dev.coracle.nodeagent.serviceproxy.RuleSet.ServiceRule;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rules as listeners in the node's namespace, where Service addresses are local. A backend sees the
 * node's address as the client's.
 */
final class UserspaceRuleApplier implements RuleApplier {

    private final NodeNetwork node;
    private final NetworkNamespace namespace;
    private final Forwarder forwarder = Forwarder.create(ForwarderOptions.defaults());
    private final Map<Front, Open> open = new HashMap<>();
    private final Set<String> localAddresses = new HashSet<>();

    /**
     * Makes the Service range local to the node.
     *
     * @param namespace the node's, stays the caller's to close
     */
    UserspaceRuleApplier(NodeNetwork node, NetworkNamespace namespace) throws IOException {
        this.node = node;
        this.namespace = namespace;
        Tool.ipBatch(
                node.namespace(),
                List.of("route replace local " + node.plan().services() + " dev lo"));
    }

    @Override
    public void apply(RuleSet rules) throws IOException {
        Map<Front, Wanted> wanted = new HashMap<>();
        Set<String> outside = new HashSet<>();
        for (ServiceRule rule : rules.rules()) {
            for (String address : rule.addresses()) {
                want(
                        wanted,
                        new Front(rule.protocol(), address, rule.port()),
                        new Wanted(rule.backends(), rule.sticky()));
                if (!node.plan().services().contains(address)) {
                    outside.add(address);
                }
            }
            if (rule.nodePort() != 0) {
                want(
                        wanted,
                        new Front(rule.protocol(), node.nodeAddress(), rule.nodePort()),
                        new Wanted(rule.nodePortBackends(), rule.sticky()));
            }
        }
        own(outside);
        for (Front front : Set.copyOf(open.keySet())) {
            Open port = open.get(front);
            if (port != null && !wanted.containsKey(front)) {
                port.port().stopAccepting();
                open.remove(front);
            }
        }
        for (Map.Entry<Front, Wanted> entry : wanted.entrySet()) {
            apply(entry.getKey(), entry.getValue());
        }
    }

    /** Without a backend nobody listens: the kernel refuses at once. */
    private static void want(Map<Front, Wanted> all, Front front, Wanted wanted) {
        if (!wanted.backends().isEmpty()) {
            all.put(front, wanted);
        }
    }

    @Override
    public void close() {
        open.values().forEach(port -> port.port().close());
        open.clear();
        forwarder.close();
    }

    private void apply(Front front, Wanted wanted) throws IOException {
        List<InetSocketAddress> backends =
                wanted.backends().stream()
                        .map(b -> new InetSocketAddress(b.address(), b.port()))
                        .toList();
        Open known = open.get(front);
        if (known == null) {
            Choice choice = new Choice(new RoundRobinBackends(backends), wanted.sticky());
            InetSocketAddress address = new InetSocketAddress(front.address(), front.port());
            ForwardedPort port =
                    switch (front.protocol()) {
                        case TCP -> forwarder.listenTcp(namespace, address, namespace, choice);
                        case UDP -> forwarder.listenUdp(namespace, address, namespace, choice);
                    };
            open.put(front, new Open(port, choice));
            return;
        }
        known.choice().replace(backends, wanted.sticky());
        if (front.protocol() == Protocol.UDP) {
            // a UDP client has no way to notice that its backend has gone
            known.port().dropConnections(backend -> !backends.contains(backend));
        }
    }

    /** Makes addresses outside the Service range local, and forgets those no longer wanted. */
    private void own(Set<String> addresses) throws IOException {
        for (String address : addresses) {
            if (localAddresses.add(address)) {
                Tool.ipBatch(
                        node.namespace(), List.of("route replace local " + address + " dev lo"));
            }
        }
        for (String address : Set.copyOf(localAddresses)) {
            if (!addresses.contains(address)) {
                localAddresses.remove(address);
                Tool.ipBatch(node.namespace(), List.of("route del local " + address + " dev lo"));
            }
        }
    }

    private record Front(Protocol protocol, String address, int port) {}

    private record Wanted(List<Backend> backends, boolean sticky) {}

    private record Open(ForwardedPort port, Choice choice) {}

    /** Round robin, or by the client's address. */
    private static final class Choice implements BackendChooser {
        private final RoundRobinBackends backends;
        private volatile boolean sticky;

        Choice(RoundRobinBackends backends, boolean sticky) {
            this.backends = backends;
            this.sticky = sticky;
        }

        void replace(List<InetSocketAddress> list, boolean nowSticky) {
            backends.replace(list);
            sticky = nowSticky;
        }

        @Override
        public List<InetSocketAddress> candidates(InetSocketAddress client) {
            List<InetSocketAddress> list = backends.backends();
            if (!sticky || list.size() < 2) {
                return backends.candidates(client);
            }
            return List.of(list.get(Math.floorMod(client.getAddress().hashCode(), list.size())));
        }
    }
}
