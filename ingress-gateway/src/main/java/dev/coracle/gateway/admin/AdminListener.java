package dev.coracle.gateway.admin;

import dev.coracle.gateway.route.Route;
import dev.coracle.gateway.route.RouteTable;
import dev.coracle.gateway.tls.TlsHost;
import dev.coracle.gateway.tls.TlsTable;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** {@code /healthz} and {@code /debug/routes} on the host's loopback. */
public final class AdminListener implements AutoCloseable {

    private final LoopResources loops;
    private final Supplier<RouteTable> routes;
    private final Supplier<TlsTable> tls;
    private final BooleanSupplier ready;
    private @Nullable DisposableServer server;

    public AdminListener(
            LoopResources loops,
            Supplier<RouteTable> routes,
            Supplier<TlsTable> tls,
            BooleanSupplier ready) {
        this.loops = loops;
        this.routes = routes;
        this.tls = tls;
        this.ready = ready;
    }

    /** Returns the real port. */
    public synchronized int listen(int port) {
        DisposableServer bound =
                HttpServer.create()
                        .runOn(loops)
                        .host("127.0.0.1")
                        .port(port)
                        .route(routes ->
                                routes.get("/healthz", (_, response) -> health(response))
                                        .get(
                                                "/debug/routes",
                                                (_, response) -> text(response, 200, describe())))
                        .bindNow();
        server = bound;
        return bound.port();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.disposeNow();
        }
    }

    private Publisher<Void> health(HttpServerResponse response) {
        return ready.getAsBoolean()
                ? text(response, 200, "ok\n")
                : text(response, 503, "not ready\n");
    }

    private static Publisher<Void> text(HttpServerResponse response, int status, String text) {
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .sendString(Mono.just(text));
    }

    /** One line per route and per certificate, in the order they are tried. */
    private String describe() {
        RouteTable table = routes.get();
        return Stream.of(
                        table.routes().stream().map(AdminListener::describe),
                        table.defaults().stream().map(AdminListener::describe),
                        tls.get().hosts().stream().map(AdminListener::describe))
                .flatMap(lines -> lines)
                .collect(Collectors.joining());
    }

    private static String describe(TlsHost host) {
        return "tls %s -> secret %s (ingress %s)%n"
                .formatted(host.host(), host.secret(), host.origin());
    }

    private static String describe(Route route) {
        return "%s %s -> %s %s (ingress %s)%n"
                .formatted(
                        route.host(),
                        route.path(),
                        route.backend().key(),
                        route.backend().endpoints(),
                        route.origin());
    }
}
