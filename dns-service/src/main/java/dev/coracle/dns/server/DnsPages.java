package dev.coracle.dns.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What CoreDNS serves over HTTP, on one port: {@code /health}, {@code /ready}, {@code /metrics};
 * and {@code /explain?name=...&type=...}, which says why a name has the answer it has.
 */
public final class DnsPages implements AutoCloseable {

    private static final Map<String, Integer> TYPES =
            Map.of(
                    "A", RecordType.A,
                    "AAAA", RecordType.AAAA,
                    "ANY", RecordType.ANY,
                    "CNAME", RecordType.CNAME,
                    "MX", RecordType.MX,
                    "NS", RecordType.NS,
                    "PTR", RecordType.PTR,
                    "SOA", RecordType.SOA,
                    "SRV", RecordType.SRV,
                    "TXT", RecordType.TXT);
    private static final List<String> CODES =
            List.of("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");

    private final HttpServer server;
    private final Chain chain;
    private final BooleanSupplier ready;
    private final DnsMetrics metrics;

    private DnsPages(HttpServer server, Chain chain, BooleanSupplier ready, DnsMetrics metrics) {
        this.server = server;
        this.chain = chain;
        this.ready = ready;
        this.metrics = metrics;
    }

    /** Listens from now on; port 0 takes a free one. */
    public static DnsPages open(
            NetworkNamespace namespace,
            InetSocketAddress address,
            Chain chain,
            BooleanSupplier ready,
            DnsMetrics metrics)
            throws IOException {
        HttpServer server = namespace.call(() -> HttpServer.create(address, 0));
        DnsPages pages = new DnsPages(server, chain, ready, metrics);
        server.createContext("/health", exchange -> text(exchange, 200, "OK"));
        server.createContext("/ready", pages::ready);
        server.createContext("/metrics", pages::metrics);
        server.createContext("/explain", pages::explain);
        server.start();
        return pages;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void ready(HttpExchange exchange) throws IOException {
        if (ready.getAsBoolean()) {
            text(exchange, 200, "OK");
        } else {
            text(exchange, 503, "kubernetes");
        }
    }

    private void metrics(HttpExchange exchange) throws IOException {
        answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
    }

    private void explain(HttpExchange exchange) throws IOException {
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        String type = query.getOrDefault("type", "A").toUpperCase(Locale.ROOT);
        Integer code = TYPES.get(type);
        if (code == null) {
            text(exchange, 400, "type: '" + type + "', expected one of " + TYPES.keySet());
            return;
        }
        DnsName name;
        try {
            name = DnsName.of(query.getOrDefault("name", ""));
        } catch (IllegalArgumentException e) {
            text(exchange, 400, "name: " + e.getMessage());
            return;
        }
        if (name.labels().isEmpty()) {
            text(exchange, 400, "name: expected a domain name, got nothing");
            return;
        }
        Question question = new Question(name, code, Question.IN);
        Message response = chain.respond(Message.query(0, question));
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("name", name.toString());
        said.put("type", type);
        said.put("code", CODES.get(Math.min(response.responseCode(), CODES.size() - 1)));
        said.put("answers", response.answers().stream().map(DnsPages::line).toList());
        said.put("why", chain.explain(question));
        answer(
                exchange,
                200,
                "application/json",
                (Serialization.asJson(said) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String line(ResourceRecord record) {
        return record.name() + " " + record.ttl() + " " + record.data().text();
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> query = new HashMap<>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.put(
                            pair.substring(0, equals),
                            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
        }
        return query;
    }

    private static void text(HttpExchange exchange, int code, String body) throws IOException {
        answer(exchange, code, "text/plain", (body + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int code, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.sendResponseHeaders(code, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
