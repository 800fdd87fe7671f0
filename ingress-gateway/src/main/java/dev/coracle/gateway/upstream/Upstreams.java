package dev.coracle.gateway.upstream;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.gateway.route.Backend;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * The order in which a request tries a backend's endpoints, and the client that does it.
 * Thread-safe.
 */
public final class Upstreams implements AutoCloseable {

    private static final int MOST_CONNECTIONS = 1024;
    private static final Duration IDLE = Duration.ofSeconds(20);

    private final ConnectionProvider connections =
            ConnectionProvider.builder("gateway")
                    .maxConnections(MOST_CONNECTIONS)
                    .maxIdleTime(IDLE)
                    .lifo()
                    .build();
    private final HttpClient client;
    private final Map<String, AtomicInteger> turns = new ConcurrentHashMap<>();

    /** Dials from {@code namespace}. */
    public Upstreams(
            NetworkNamespace namespace,
            LoopResources loops,
            Duration connectTimeout,
            Duration responseTimeout) {
        this.client =
                HttpClient.create(connections)
                        .runOn(namespace.loopResources(loops))
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                (int) connectTimeout.toMillis())
                        .responseTimeout(responseTimeout)
                        .followRedirect(false)
                        .compress(false);
    }

    public HttpClient client() {
        return client;
    }

    /** All endpoints, the one whose turn it is first. */
    public List<Backend.Endpoint> inTurn(Backend backend) {
        List<Backend.Endpoint> turned = new ArrayList<>(backend.endpoints());
        if (turned.size() > 1) {
            int turn =
                    turns.computeIfAbsent(backend.key(), _ -> new AtomicInteger())
                            .getAndIncrement();
            Collections.rotate(turned, -Math.floorMod(turn, turned.size()));
        }
        return turned;
    }

    @Override
    public void close() {
        connections.dispose();
    }
}
