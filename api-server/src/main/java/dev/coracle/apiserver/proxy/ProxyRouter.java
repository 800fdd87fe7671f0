package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.proxy.ProxyLocations.Location;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
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
    private final SslContext kubelets;
    private final SslContext unchecked;
    private final StreamTunnel tunnel;

    /**
     * Dials from {@code namespace}, which stays the caller's to close.
     *
     * @param kubelets proves to kubelets who this is
     * @param onLoopback whether pods have loopback addresses
     */
    public ProxyRouter(
            WatchCache cache,
            NetworkNamespace namespace,
            SslContext kubelets,
            StreamTunnel tunnel,
            RandomGenerator random,
            boolean onLoopback) {
        this.kubelets = kubelets;
        this.tunnel = tunnel;
        locations = new ProxyLocations(cache, random, onLoopback);
        forward = new HttpForward(namespace, kubelets);
        try {
            unchecked =
                    SslContextBuilder.forClient()
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route(
                request -> ProxyPath.parse(request.uri().getRawPath()).isPresent(), this::handle);
    }

    private Mono<ServerResponse> handle(ServerRequest request) {
        ProxyPath path = ProxyPath.parse(request.uri().getRawPath()).orElseThrow();
        if (request.headers().firstHeader("Upgrade") != null) {
            return Mono.defer(() -> upgrade(path, request));
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

    private Mono<ServerResponse> upgrade(ProxyPath path, ServerRequest request) {
        Location location = locations.find(path);
        InetAddress address = Addresses.parse(location.address()).orElseThrow();
        String query = request.uri().getRawQuery();
        String rest = path.rest().isEmpty() ? "/" : path.rest();
        StreamTunnel.Target target =
                new StreamTunnel.Target(
                        new InetSocketAddress(address, location.port()),
                        location.kubelet() ? kubelets : location.secure() ? unchecked : null,
                        rest + (query == null ? "" : "?" + query));
        return ServerResponse.ok()
                .build((exchange, _) ->
                        tunnel.join(exchange.getRequest(), exchange.getResponse(), target));
    }

    @Override
    public void close() {
        forward.close();
    }
}
