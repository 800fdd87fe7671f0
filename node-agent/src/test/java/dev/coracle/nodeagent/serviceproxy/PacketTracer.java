package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What must happen to a new connection that reaches a node, by the rules alone. Both appliers are
 * held to it.
 */
final class PacketTracer {

    private PacketTracer() {}

    /** The first packet of a connection. */
    record Packet(String source, String destination, Protocol protocol, int port) {}

    /** What becomes of it. */
    sealed interface Fate {

        /** It ends at one of these, which see that address as the client's. */
        record Delivered(Map<Backend, String> sources) implements Fate {}

        /** It is a Service's, and there is no backend. */
        record Refused() implements Fate {}

        /** Its source may not use the load balancer's address. */
        record Denied() implements Fate {}

        /** No rule concerns it. */
        record Passed() implements Fate {}
    }

    static Fate trace(RuleSet rules, NodeNetwork node, Packet packet) {
        for (ServiceRule rule : rules.rules()) {
            for (Front front : rule.fronts()) {
                if (rule.protocol() == packet.protocol()
                        && front.address().equals(packet.destination())
                        && front.port() == packet.port()) {
                    return arrive(rule, front, node, packet.source());
                }
            }
        }
        return node.plan().services().contains(packet.destination())
                ? new Fate.Refused()
                : new Fate.Passed();
    }

    private static Fate arrive(ServiceRule rule, Front front, NodeNetwork node, String source) {
        if (rule.isRestricted(front)
                && rule.sourceRanges().stream().noneMatch(range -> range.contains(source))) {
            return new Fate.Denied();
        }
        List<Backend> backends = rule.backends(front, node.isInside(source));
        if (backends.isEmpty()) {
            return new Fate.Refused();
        }
        boolean replaced = front.kind().isExternal() && !rule.targets().keepsSource();
        Map<Backend, String> sources = new HashMap<>();
        for (Backend backend : backends) {
            // a pod that saw its own address would answer itself
            boolean hairpin = backend.address().equals(source);
            sources.put(backend, replaced || hairpin ? node.nodeAddress() : source);
        }
        return new Fate.Delivered(sources);
    }
}
