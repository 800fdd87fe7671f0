package dev.coracle.nodeagent.serviceproxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.serviceproxy.EndpointChoice.NodeView;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A page for each Service with a {@code healthCheckNodePort}: 200 while a ready endpoint of it is
 * on the node, else 503. Confined to the proxy's thread.
 */
final class HealthCheckPorts implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HealthCheckPorts.class);

    private final NetworkNamespace namespace;
    private final List<String> addresses;
    private final Map<String, Page> pages = new HashMap<>();

    /** Opens ports at {@code addresses} of {@code namespace}. */
    HealthCheckPorts(NetworkNamespace namespace, List<String> addresses) {
        this.namespace = namespace;
        this.addresses = List.copyOf(addresses);
    }

    /** Brings a Service's page up to date; null for a Service that is gone. */
    void sync(String key, @Nullable Service service, List<EndpointSlice> slices, NodeView node) {
        int port = service == null ? 0 : port(service);
        Page known = pages.get(key);
        if (known != null && known.port != port) {
            known.close();
            pages.remove(key);
            known = null;
        }
        if (port == 0) {
            return;
        }
        int endpoints = EndpointChoice.of(slices, node).readyOnNode();
        if (known == null) {
            try {
                pages.put(key, open(key, port, endpoints));
            } catch (IOException e) {
                log.warn(
                        "node '{}': no health check of '{}': {}", node.name(), key, e.getMessage());
            }
        } else {
            known.endpoints = endpoints;
        }
    }

    private static int port(Service service) {
        boolean local =
                "LoadBalancer".equals(service.getSpec().getType())
                        && "Local".equals(service.getSpec().getExternalTrafficPolicy());
        return local
                ? Objects.requireNonNullElse(service.getSpec().getHealthCheckNodePort(), 0)
                : 0;
    }

    private Page open(String key, int port, int endpoints) throws IOException {
        Page page = new Page(key, port, endpoints);
        try {
            for (String address : addresses) {
                HttpServer server =
                        namespace.call(
                                () -> HttpServer.create(new InetSocketAddress(address, port), 0));
                page.servers.add(server);
                server.createContext("/", page::answer);
                server.start();
            }
        } catch (IOException e) {
            page.close();
            throw e;
        }
        return page;
    }

    @Override
    public void close() {
        pages.values().forEach(Page::close);
        pages.clear();
    }

    /** An open page. */
    private static final class Page {
        private final String key;
        private final int port;
        private final List<HttpServer> servers = new ArrayList<>();
        private volatile int endpoints;

        Page(String key, int port, int endpoints) {
            this.key = key;
            this.port = port;
            this.endpoints = endpoints;
        }

        void answer(HttpExchange exchange) throws IOException {
            int now = endpoints;
            int slash = key.indexOf('/');
            exchange.getResponseHeaders()
                    .set("X-Load-Balancing-Endpoint-Weight", String.valueOf(now));
            String body =
                    """
                    {
                    	"service": {
                    		"namespace": "%s",
                    		"name": "%s"
                    	},
                    	"localEndpoints": %d,
                    	"serviceProxyHealthy": true
                    }\
                    """
                            .formatted(key.substring(0, slash), key.substring(slash + 1), now);
            ProxyPages.answer(
                    exchange,
                    now > 0 ? 200 : 503,
                    "application/json",
                    body.getBytes(StandardCharsets.UTF_8));
        }

        void close() {
            servers.forEach(server -> server.stop(0));
        }
    }
}
