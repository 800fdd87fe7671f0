package dev.coracle.nodeagent.serviceproxy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Follows a new connection through the text of a transaction, as the kernel would: which endpoints
 * it may reach, whether the source is replaced, or that it is refused.
 */
final class PacketTracer {

    private static final Pattern CHAIN =
            Pattern.compile("(?m)^ chain (\\w+) \\{\\n(.*?)^ \\}$", Pattern.DOTALL);
    private static final Pattern ELEMENT = Pattern.compile("([0-9a-z. ]+?) : goto (\\w+)");
    private static final Pattern DNAT = Pattern.compile("dnat to (\\S+)");
    private static final Pattern GOTO = Pattern.compile("goto (\\w+)");

    private final String text;
    private final NodeNetwork node;
    private final Map<String, String> chains = new HashMap<>();

    PacketTracer(String text, NodeNetwork node) {
        this.text = text;
        this.node = node;
        for (MatchResult chain : CHAIN.matcher(text).results().toList()) {
            chains.put(chain.group(1), chain.group(2));
        }
    }

    /**
     * The fate of a connection.
     *
     * @param endpoints where it may end; empty and not refused means that no rule concerns it
     * @param sourceReplaced whether any of them sees the node's address
     */
    record Fate(TreeSet<String> endpoints, boolean sourceReplaced, boolean refused) {
        @Override
        public String toString() {
            return refused
                    ? "refused"
                    : endpoints + (sourceReplaced ? " from the node" : " from the client");
        }
    }

    Fate trace(String source, String destination, String protocol, int port) {
        Map<String, String> services = elements("services");
        String chain = services.get(destination + " . " + protocol + " . " + port);
        if (chain == null && destination.equals(node.nodeAddress())) {
            chain = elements("nodeports").get(protocol + " . " + port);
        }
        if (chain == null) {
            boolean rejected =
                    block("rejected").contains(destination + " . " + protocol + " . " + port);
            boolean service = node.plan().services().contains(destination);
            return new Fate(new TreeSet<>(), false, rejected || service);
        }
        TreeSet<String> endpoints = new TreeSet<>();
        boolean marked = body(chain).contains("  meta mark set");
        for (String endpointChain : gotos(body(chain))) {
            String body = body(endpointChain);
            for (MatchResult dnat : DNAT.matcher(body).results().toList()) {
                endpoints.add(dnat.group(1));
            }
            marked |= body.contains("ip saddr " + source + " meta mark set");
        }
        return new Fate(endpoints, marked, false);
    }

    private static List<String> gotos(String body) {
        return GOTO.matcher(body).results().map(match -> match.group(1)).toList();
    }

    private String body(String chain) {
        String body = chains.get(chain);
        if (body == null) {
            throw new AssertionError("a rule jumps to chain '" + chain + "', which is not there");
        }
        return body;
    }

    private Map<String, String> elements(String map) {
        Map<String, String> elements = new HashMap<>();
        for (MatchResult element : ELEMENT.matcher(block(map)).results().toList()) {
            String before = elements.put(element.group(1).strip(), element.group(2));
            if (before != null) {
                throw new AssertionError("'" + element.group(1) + "' leads two ways");
            }
        }
        return elements;
    }

    private String block(String name) {
        int start = text.indexOf(" " + name + " {");
        int end = text.indexOf("\n }", start);
        return text.substring(start, end);
    }
}
