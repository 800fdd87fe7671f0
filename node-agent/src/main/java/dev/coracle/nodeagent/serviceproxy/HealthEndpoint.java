package dev.coracle.nodeagent.serviceproxy;

import com.sun.net.httpserver.HttpServer;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** {@code /healthz} on port 10256 of the node: 200 once rules are in force, 503 before. */
public final class HealthEndpoint implements AutoCloseable {

    private static final int PORT = 10256;

    private final HttpServer server;

    private HealthEndpoint(HttpServer server) {
        this.server = server;
    }

    /** Listens in {@code namespace} from now on. */
    public static HealthEndpoint open(
            NetworkNamespace namespace, String address, BooleanSupplier synced) throws IOException {
        HttpServer server =
                namespace.call(() -> HttpServer.create(new InetSocketAddress(address, PORT), 0));
        server.createContext(
                "/healthz",
                exchange -> {
                    boolean healthy = synced.getAsBoolean();
                    byte[] body =
                            "{\"healthy\":%s}\n"
                                    .formatted(healthy)
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    exchange.sendResponseHeaders(healthy ? 200 : 503, body.length);
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write(body);
                    }
                });
        server.start();
        return new HealthEndpoint(server);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
