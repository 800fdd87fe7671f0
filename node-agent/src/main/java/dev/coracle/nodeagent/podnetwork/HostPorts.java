package dev.coracle.nodeagent.podnetwork;

import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Ports of the node that lead to pods, in a table of their own in the node's namespace. Blocks on
 * {@code nft}; thread-safe.
 */
final class HostPorts {

    private static final String TABLE = "coracle_hostports";

    private final String nodeNamespace;
    private boolean made;

    HostPorts(String nodeNamespace) {
        this.nodeNamespace = nodeNamespace;
    }

    /** Leads the ports to a pod. */
    synchronized void open(String podAddress, List<PodLinks.HostPort> ports) throws IOException {
        if (ports.isEmpty()) {
            return;
        }
        StringBuilder script = new StringBuilder();
        if (!made) {
            script.append(table());
        }
        for (PodLinks.HostPort port : ports) {
            script.append(element("add", podAddress, port));
        }
        nft(script.toString());
        made = true;
    }

    /** Forgets them again. */
    synchronized void close(String podAddress, List<PodLinks.HostPort> ports) throws IOException {
        if (ports.isEmpty() || !made) {
            return;
        }
        StringBuilder script = new StringBuilder();
        for (PodLinks.HostPort port : ports) {
            script.append(element("delete", podAddress, port));
        }
        nft(script.toString());
    }

    static String table() {
        StringBuilder text = new StringBuilder("table ip " + TABLE + " {\n");
        for (String protocol : List.of("tcp", "udp")) {
            text.append("  map any_").append(protocol);
            text.append(" { type inet_service : ipv4_addr . inet_service; }\n");
            text.append("  map one_").append(protocol);
            text.append(" { type ipv4_addr . inet_service : ipv4_addr . inet_service; }\n");
        }
        for (String hook : List.of("prerouting", "output")) {
            int priority = -110;
            text.append("  chain ").append(hook).append(" {\n    type nat hook ").append(hook);
            text.append(" priority ").append(priority).append("; policy accept;\n");
            for (String protocol : List.of("tcp", "udp")) {
                text.append("    dnat ip to ip daddr . ").append(protocol);
                text.append(" dport map @one_").append(protocol).append("\n");
                text.append("    fib daddr type local dnat ip to ").append(protocol);
                text.append(" dport map @any_").append(protocol).append("\n");
            }
            text.append("  }\n");
        }
        text.append("  chain postrouting {\n    type nat hook postrouting priority 90;");
        text.append(" policy accept;\n");
        text.append("    ct status dnat ip saddr 127.0.0.0/8 masquerade\n");
        text.append("  }\n}\n");
        return text.toString();
    }

    private static String element(String verb, String podAddress, PodLinks.HostPort port) {
        String protocol = port.protocol().toLowerCase(Locale.ROOT);
        boolean any = port.address().isEmpty() || port.address().equals("0.0.0.0");
        String key = any ? "" + port.port() : port.address() + " . " + port.port();
        String value = verb.equals("add") ? " : " + podAddress + " . " + port.podPort() : "";
        return "%s element ip %s %s_%s { %s%s }\n"
                .formatted(verb, TABLE, any ? "any" : "one", protocol, key, value);
    }

    private void nft(String script) throws IOException {
        String _ =
                Tool.run(List.of("ip", "netns", "exec", nodeNamespace, "nft", "-f", "-"), script);
    }
}
