package dev.coracle.gateway.proxy;

import dev.coracle.gateway.route.Backend;
import dev.coracle.gateway.route.Route;
import dev.coracle.gateway.route.RouteTable;
import dev.coracle.gateway.upstream.Upstreams;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/**
 * Sends a request on to an endpoint of its route and the response back, streaming. An endpoint that
 * refuses the connection is passed over for the next: nothing of the request has been sent then. A
 * GET, HEAD or OPTIONS without body is also repeated when the connection breaks before an answer.
 */
public final class Proxy
        implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private static final Logger log = LoggerFactory.getLogger(Proxy.class);

    private static final int LEAST_ATTEMPTS = 2;
    private static final Set<HttpMethod> HARMLESS =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final Supplier<RouteTable> table;
    private final Upstreams upstreams;
    private final Entrance entrance;

    /** Where requests come in, as the backends are told. */
    public enum Entrance {
        HTTP("http", 80),
        HTTPS("https", 443);

        private final String scheme;
        private final int port;

        Entrance(String scheme, int port) {
            this.scheme = scheme;
            this.port = port;
        }

        /** {@code X-Forwarded-Proto}. */
        String scheme() {
            return scheme;
        }

        /** {@code X-Forwarded-Port}. */
        int port() {
            return port;
        }
    }

    public Proxy(Supplier<RouteTable> table, Upstreams upstreams, Entrance entrance) {
        this.table = table;
        this.upstreams = upstreams;
        this.entrance = entrance;
    }

    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        String host = request.requestHeaders().get(HttpHeaderNames.HOST);
        if (host == null || host.isEmpty()) {
            return fail(Failure.MALFORMED, response);
        }
        Optional<Route> route = table.get().find(host, path(target(request.uri())));
        if (route.isEmpty()) {
            return fail(Failure.NO_ROUTE, response);
        }
        List<Backend.Endpoint> endpoints = upstreams.inTurn(route.get().backend());
        if (endpoints.isEmpty()) {
            return fail(Failure.NO_ENDPOINTS, response);
        }
        return attempt(request, response, endpoints, 0)
                .onErrorResume(e -> {
                    log.debug("host={} uri={} failed", host, request.uri(), e);
                    return response.hasSentHeaders()
                            ? Mono.error(e)
                            : fail(Failure.of(e), response);
                });
    }

    private Mono<Void> attempt(
            HttpServerRequest request,
            HttpServerResponse response,
            List<Backend.Endpoint> endpoints,
            int index) {
        Backend.Endpoint endpoint = endpoints.get(index % endpoints.size());
        Mono<Void> exchange =
                ForwardedHeaders.asksForWebSocket(request.requestHeaders())
                        ? webSocket(request, response, endpoint)
                        : exchange(request, response, endpoint);
        if (index + 1 >= Math.max(endpoints.size(), LEAST_ATTEMPTS)) {
            return exchange;
        }
        return exchange.onErrorResume(
                e -> mayRepeat(e, request, response),
                _ -> attempt(request, response, endpoints, index + 1));
    }

    /** A connection kept from before may have been closed by a pod that ended meanwhile. */
    private static boolean mayRepeat(
            Throwable e, HttpServerRequest request, HttpServerResponse response) {
        return e instanceof ConnectException
                || (e instanceof IOException
                        && !response.hasSentHeaders()
                        && !hasBody(request.requestHeaders())
                        && HARMLESS.contains(request.method()));
    }

    private Mono<Void> exchange(
            HttpServerRequest request, HttpServerResponse response, Backend.Endpoint endpoint) {
        HttpClient.RequestSender sender =
                client(request, endpoint).request(request.method()).uri(target(request.uri()));
        HttpClient.ResponseReceiver<?> receiver =
                hasBody(request.requestHeaders())
                        ? sender.send((_, out) -> out.send(request.receive().retain()))
                        : sender;
        return receiver.response(
                        (answer, body) -> {
                            response.status(answer.status());
                            response.headers(ForwardedHeaders.endToEnd(answer.responseHeaders()));
                            // flushed piece by piece: a slow stream is seen as it comes
                            return response.send(body.retain(), _ -> true);
                        })
                .then();
    }

    private Mono<Void> webSocket(
            HttpServerRequest request, HttpServerResponse response, Backend.Endpoint endpoint) {
        var client =
                client(request, endpoint)
                        .headers(h ->
                                h.remove(HttpHeaderNames.SEC_WEBSOCKET_KEY)
                                        .remove(HttpHeaderNames.SEC_WEBSOCKET_VERSION)
                                        .remove(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS))
                        .websocket()
                        .uri(target(request.uri()));
        return response.sendWebsocket(
                (in, out) -> client.handle((upIn, upOut) -> relay(in, out, upIn, upOut)).then());
    }

    private static Publisher<Void> relay(
            WebsocketInbound in,
            WebsocketOutbound out,
            WebsocketInbound upIn,
            WebsocketOutbound upOut) {
        Mono<Void> up = upOut.sendObject(in.receiveFrames().map(frame -> frame.retain())).then();
        Mono<Void> down = out.sendObject(upIn.receiveFrames().map(frame -> frame.retain())).then();
        return Mono.firstWithSignal(up, down);
    }

    private HttpClient client(HttpServerRequest request, Backend.Endpoint endpoint) {
        InetSocketAddress from = request.remoteAddress();
        String address = from == null ? "unknown" : from.getAddress().getHostAddress();
        HttpHeaders headers = ForwardedHeaders.request(request.requestHeaders(), address, entrance);
        var to = new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), endpoint.port());
        log.debug("uri={} endpoint={}", request.uri(), endpoint);
        return upstreams
                .client()
                .remoteAddress(() -> to)
                .headers(h -> h.remove(HttpHeaderNames.USER_AGENT).set(headers));
    }

    private static boolean hasBody(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                || (headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                        && !"0".equals(headers.get(HttpHeaderNames.CONTENT_LENGTH)));
    }

    private static Mono<Void> fail(Failure failure, HttpServerResponse response) {
        return response.status(failure.status())
                .header(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .sendString(Mono.just(failure.status() + " " + failure.text() + "\n"))
                .then();
    }

    /** Path and query, also of a request in absolute form (RFC 9112 section 3.2.2). */
    private static String target(String uri) {
        int scheme = uri.indexOf("://");
        if (uri.startsWith("/") || scheme < 0) {
            return uri;
        }
        int slash = uri.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    private static String path(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }
}
