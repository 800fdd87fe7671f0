package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.UserPorts;
import dev.coracle.fabric.island.Tool;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.forwarder.ForwardedPort;
import dev.coracle.forwarder.Forwarder;
import dev.coracle.forwarder.ForwarderOptions;
import dev.coracle.nodeagent.serviceproxy.FrontOwners.Granted;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rules as listeners in the node's namespace, where Service addresses are local. A backend sees the
 * node's address as the client's.
 */
final class UserspaceRuleApplier implements RuleApplier {

    private final NodeNetwork node;
    private final NetworkNamespace namespace;
    private final LongSupplier nanos;
    private final Forwarder forwarder;
    private final FrontOwners owners = new FrontOwners();
    private final UnaryOperator<RuleSet.Change> view;
    private final @Nullable OutsideAddresses outside;
    private final Map<String, Open> open = new HashMap<>();
    // what could not be applied yet
    private RuleSet.Change owed = new RuleSet.Change(List.of(), List.of());

    /**
     * Makes the Service range local to the node.
     *
     * @param namespace the node's, stays the caller's to close
     * @param nanos elapsed time, for affinities
     */
    UserspaceRuleApplier(NodeNetwork node, NetworkNamespace namespace, LongSupplier nanos)
            throws IOException {
        this.node = node;
        this.namespace = namespace;
        this.nanos = nanos;
        this.forwarder = Forwarder.create(ForwarderOptions.defaults());
        this.view = UnaryOperator.identity();
        this.outside =
                new OutsideAddresses(
                        node.namespace(),
                        List.of(node.plan().services(), node.plan().nodes(), node.plan().pods()),
                        "route replace local %s dev lo",
                        "route del local %s dev lo");
        Tool.ipBatch(
                node.namespace(),
                List.of("route replace local " + node.plan().services() + " dev lo"));
    }

    private UserspaceRuleApplier(NodeNetwork node, LongSupplier nanos) {
        this.node = node;
        this.namespace = NetworkNamespace.host();
        this.nanos = nanos;
        this.forwarder = Forwarder.create(ForwarderOptions.defaults().withSharedPorts());
        this.view = change -> LoopbackRules.of(change, UserPorts.here());
        this.outside = null;
    }

    /** One for loopback addresses, which are local already and which all nodes have. */
    static UserspaceRuleApplier onLoopback(NodeNetwork node, LongSupplier nanos) {
        return new UserspaceRuleApplier(node, nanos);
    }

    @Override
    public void apply(RuleSet.Change change) throws IOException {
        RuleSet.Change wanted = merged(owed, view.apply(change));
        owed = wanted;
        if (outside != null) {
            outside.want(wanted);
        }
        Map<String, Wanted> fronts = new LinkedHashMap<>();
        for (FrontOwners.Step step : owners.apply(wanted)) {
            Granted before = step.before();
            Granted after = step.after();
            if (before != null) {
                for (Front front : before.fronts()) {
                    fronts.putIfAbsent(FrontOwners.key(before.rule(), front), Wanted.NOTHING);
                }
            }
            if (after != null) {
                for (Front front : after.fronts()) {
                    fronts.put(
                            FrontOwners.key(after.rule(), front), new Wanted(after.rule(), front));
                }
            }
        }
        for (Map.Entry<String, Wanted> entry : fronts.entrySet()) {
            if (entry.getValue().isRefused()) {
                close(entry.getKey());
            }
        }
        IOException failed = null;
        for (Map.Entry<String, Wanted> entry : fronts.entrySet()) {
            try {
                if (!entry.getValue().isRefused()) {
                    open(entry.getKey(), entry.getValue());
                }
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
        owed = new RuleSet.Change(List.of(), List.of());
    }

    /** The second after the first. */
    private static RuleSet.Change merged(RuleSet.Change first, RuleSet.Change second) {
        Map<String, ServiceRule> wanted = new LinkedHashMap<>();
        first.wanted().forEach(rule -> wanted.put(rule.name(), rule));
        second.gone().forEach(wanted::remove);
        second.wanted().forEach(rule -> wanted.put(rule.name(), rule));
        Set<String> gone = new LinkedHashSet<>(first.gone());
        gone.addAll(second.gone());
        gone.removeAll(wanted.keySet());
        return new RuleSet.Change(List.copyOf(wanted.values()), List.copyOf(gone));
    }

    @Override
    public void close() {
        open.values().forEach(port -> port.port().close());
        open.clear();
        forwarder.close();
    }

    /** TCP connections go on; a UDP client has no way to notice that nobody listens any more. */
    private void close(String key) {
        Open known = open.remove(key);
        if (known != null) {
            known.port().stopAccepting();
            if (known.protocol() == Protocol.UDP) {
                known.port().dropConnections(_ -> true);
            }
        }
    }

    private void open(String key, Wanted wanted) throws IOException {
        Open known = open.get(key);
        if (known == null) {
            ClientChoice choice = new ClientChoice(node, nanos);
            choice.replace(wanted.rule(), wanted.front());
            InetSocketAddress address =
                    new InetSocketAddress(wanted.front().address(), wanted.front().port());
            Protocol protocol = wanted.rule().protocol();
            ForwardedPort port =
                    switch (protocol) {
                        case TCP -> forwarder.listenTcp(namespace, address, namespace, choice);
                        case UDP -> forwarder.listenUdp(namespace, address, namespace, choice);
                    };
            open.put(key, new Open(protocol, port, choice));
            return;
        }
        known.choice().replace(wanted.rule(), wanted.front());
        if (known.protocol() == Protocol.UDP) {
            known.port().dropConnections(backend -> !known.choice().mayEndAt(backend));
        }
    }

    /** What a front should do. */
    private record Wanted(ServiceRule rule, Front front) {

        static final Wanted NOTHING =
                new Wanted(
                        new ServiceRule(
                                "",
                                Protocol.TCP,
                                List.of(),
                                ServiceRule.Targets.all(List.of()),
                                0,
                                List.of()),
                        new Front(ServiceRule.Kind.CLUSTER, "", 0));

        /** Without a backend nobody listens: the kernel refuses at once. */
        boolean isRefused() {
            return rule.backends(front, true).isEmpty() && rule.backends(front, false).isEmpty();
        }
    }

    private record Open(Protocol protocol, ForwardedPort port, ClientChoice choice) {}
}
