package dev.coracle.nodeagent.serviceproxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What kube-proxy serves on a node: {@code /healthz} and {@code /livez} on port 10256, 200 once
 * rules are in force and 503 before; {@code /metrics}, {@code /proxyMode} and {@code /healthz} on
 * port 10249.
 */
public final class ProxyPages implements AutoCloseable {

    private static final int HEALTH_PORT = 10256;
    private static final int METRICS_PORT = 10249;

    private final List<HttpServer> servers;

    private ProxyPages(List<HttpServer> servers) {
        this.servers = servers;
    }

    /** Listens on {@code address} in {@code namespace} from now on. */
    public static ProxyPages open(
            NetworkNamespace namespace, String address, ServiceProxy proxy, ProxyMode mode)
            throws IOException {
        HttpServer health = server(namespace, address, HEALTH_PORT);
        HttpServer metrics;
        try {
            metrics = server(namespace, address, METRICS_PORT);
        } catch (IOException e) {
            health.stop(0);
            throw e;
        }
        health.createContext("/healthz", exchange -> health(exchange, proxy, true));
        health.createContext("/livez", exchange -> health(exchange, proxy, false));
        metrics.createContext("/healthz", exchange -> text(exchange, 200, "ok"));
        metrics.createContext(
                "/proxyMode",
                exchange -> text(exchange, 200, mode.name().toLowerCase(Locale.ROOT)));
        metrics.createContext(
                "/metrics",
                exchange ->
                        answer(
                                exchange,
                                200,
                                "text/plain; version=0.0.4; charset=utf-8",
                                proxy.metrics().text()));
        health.start();
        metrics.start();
        return new ProxyPages(List.of(health, metrics));
    }

    private static HttpServer server(NetworkNamespace namespace, String address, int port)
            throws IOException {
        return namespace.call(() -> HttpServer.create(new InetSocketAddress(address, port), 0));
    }

    private static void health(HttpExchange exchange, ServiceProxy proxy, boolean eligible)
            throws IOException {
        Instant updated = proxy.metrics().updated();
        Instant now = proxy.metrics().now();
        String body =
                "{\"lastUpdated\": \"%s\",\"currentTime\": \"%s\"%s}"
                        .formatted(
                                updated == null ? Instant.EPOCH : updated,
                                now,
                                eligible ? ", \"nodeEligible\": true" : "");
        answer(
                exchange,
                proxy.isSynced() && proxy.metrics().succeeded() ? 200 : 503,
                "application/json",
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static void text(HttpExchange exchange, int code, String body) throws IOException {
        answer(exchange, code, "text/plain", body.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends {@code body} and ends the exchange. */
    static void answer(HttpExchange exchange, int code, String type, byte[] body)
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
        servers.forEach(server -> server.stop(0));
    }
}
