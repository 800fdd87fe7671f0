package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.proxy.ProxyLocations.Location;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.net.URI;
import java.util.random.RandomGenerator;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Every method on {@code .../proxy} and what is below it. Fails with {@link ApiException}. */
public final class ProxyRouter implements AutoCloseable {

    private final ProxyLocations locations;
    private final HttpForward forward;
    private final NetworkNamespace namespace;

    /** Dials from {@code namespace}, and closes it in the end. */
    public ProxyRouter(WatchCache cache, NetworkNamespace namespace, RandomGenerator random) {
        this.namespace = namespace;
        locations = new ProxyLocations(cache, random);
        forward = new HttpForward(namespace);
    }

    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route(
                request -> ProxyPath.parse(request.uri().getRawPath()).isPresent(), this::handle);
    }

    private Mono<ServerResponse> handle(ServerRequest request) {
        ProxyPath path = ProxyPath.parse(request.uri().getRawPath()).orElseThrow();
        if (request.headers().firstHeader("Upgrade") != null) {
            return Mono.error(ApiException.notServed("an upgrade through a proxy"));
        }
        String method = request.method().name();
        if (path.rest().isEmpty() && (method.equals("GET") || method.equals("HEAD"))) {
            String query = request.uri().getRawQuery();
            return ServerResponse.status(HttpStatus.MOVED_PERMANENTLY)
                    .location(URI.create(path.prefix() + "/" + (query == null ? "" : "?" + query)))
                    .build();
        }
        return Mono.defer(() -> {
            Location location = locations.find(path);
            return ServerResponse.ok()
                    .build((exchange, _) ->
                            forward.send(
                                    path, location, exchange.getRequest(), exchange.getResponse()));
        });
    }

    @Override
    public void close() {
        forward.close();
        namespace.close();
    }
}
