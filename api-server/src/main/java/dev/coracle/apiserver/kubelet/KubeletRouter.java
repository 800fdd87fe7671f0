package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.proxy.StreamTunnel;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.Map;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code log}, {@code exec}, {@code attach} and {@code portforward} of pods. Fails with {@link
 * ApiException}.
 */
public final class KubeletRouter implements AutoCloseable {

    private static final String POD = "/api/v1/namespaces/{namespace}/pods/{name}/";
    private static final Map<String, Subresource> STREAMS =
            Map.of(
                    "exec", Subresource.EXEC,
                    "attach", Subresource.ATTACH,
                    "portforward", Subresource.PORT_FORWARD);

    private final WatchCache cache;
    private final KubeletLocations locations;
    private final SslContext tls;
    private final KubeletClient client;
    private final StreamTunnel tunnel;

    /** Dials from {@code namespace}, which stays the caller's to close. */
    public KubeletRouter(
            WatchCache cache, SslContext tls, NetworkNamespace namespace, StreamTunnel tunnel) {
        this.cache = cache;
        this.locations = new KubeletLocations(cache);
        this.tls = tls;
        this.client = new KubeletClient(namespace, tls);
        this.tunnel = tunnel;
    }

    public RouterFunction<ServerResponse> routes() {
        var streams =
                RequestPredicates.path(POD + "exec")
                        .or(RequestPredicates.path(POD + "attach"))
                        .or(RequestPredicates.path(POD + "portforward"));
        return RouterFunctions.route(
                        RequestPredicates.GET(POD + "log"),
                        request -> Mono.defer(() -> log(request)))
                .andRoute(streams, request -> Mono.defer(() -> stream(request)));
    }

    private Mono<ServerResponse> log(ServerRequest request) {
        PodRequest wanted = new PodRequest(Subresource.LOG, pod(request), request.queryParams());
        String uri = wanted.uri();
        if (!wanted.hasNode()) {
            return ServerResponse.noContent().build();
        }
        return client.get(kubelet(wanted), uri, request);
    }

    private Mono<ServerResponse> stream(ServerRequest request) {
        String method = request.method().name();
        if (!method.equals("GET") && !method.equals("POST")) {
            throw ApiException.methodNotAllowed(
                    "the server does not allow this method on the requested resource");
        }
        String path = request.path();
        Subresource subresource = STREAMS.get(path.substring(path.lastIndexOf('/') + 1));
        if (subresource == null) {
            throw ApiException.pathNotFound();
        }
        PodRequest wanted = new PodRequest(subresource, pod(request), request.queryParams());
        String uri = wanted.uri();
        if (request.headers().firstHeader("Upgrade") == null) {
            throw ApiException.badRequest("Upgrade request required");
        }
        StreamTunnel.Target target = new StreamTunnel.Target(kubelet(wanted), tls, uri);
        return ServerResponse.ok()
                .build((exchange, _) ->
                        tunnel.join(exchange.getRequest(), exchange.getResponse(), target));
    }

    /** What the kubelet of a node answers at {@code uri}. */
    Mono<String> text(String node, String uri) {
        return client.text(locations.find(node), uri);
    }

    private InetSocketAddress kubelet(PodRequest wanted) {
        return locations.find(wanted.pod().text("spec.nodeName"));
    }

    private ApiObject pod(ServerRequest request) {
        String name = request.pathVariable("name");
        return cache.find("pods", new NamespacedName(request.pathVariable("namespace"), name))
                .map(CachedObject::toObject)
                .orElseThrow(() -> ApiException.notFound("", "pods", name));
    }

    @Override
    public void close() {
        client.close();
    }
}
