package dev.coracle.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.gateway.listener.HttpListener;
import dev.coracle.gateway.route.Backend;
import dev.coracle.gateway.route.HostMatcher;
import dev.coracle.gateway.route.PathMatcher;
import dev.coracle.gateway.route.Route;
import dev.coracle.gateway.route.RouteTable;
import dev.coracle.gateway.upstream.Upstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** What curl sees of backends behind the proxy. */
class ProxyIT {

    private final LoopResources loops = LoopResources.create("proxy-it", 1, 2, true);
    private final Upstreams upstreams =
            new Upstreams(
                    NetworkNamespace.host(), loops, Duration.ofSeconds(1), Duration.ofMillis(500));
    private final AtomicReference<RouteTable> table = new AtomicReference<>(RouteTable.EMPTY);
    private final HttpListener listener = new HttpListener(NetworkNamespace.host(), loops);
    private final List<DisposableServer> backends = new ArrayList<>();
    private int port;

    @BeforeEach
    void start() throws IOException {
        port =
                listener.listen(
                                "127.0.0.1",
                                0,
                                new Proxy(table::get, upstreams, Proxy.Entrance.HTTP))
                        .getPort();
    }

    @AfterEach
    void stop() {
        listener.close();
        upstreams.close();
        backends.forEach(DisposableServer::disposeNow);
        loops.dispose();
    }

    @Test
    void asksEveryEndpointInTurn() throws Exception {
        route(backend("one"), backend("two"), backend("three"));
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
            names.add(curl("http://app.mydomain.com/who"));
        }
        assertThat(names).containsExactly("one", "three", "two");
    }

    @Test
    void saysWhoAskedAndKeepsHopByHopHeadersToItself() throws Exception {
        route(backend("one"));
        String headers =
                curl(
                        "-H",
                        "Connection: X-Private",
                        "-H",
                        "X-Private: secret",
                        "-H",
                        "X-Forwarded-For: 192.0.2.9",
                        "http://app.mydomain.com/headers");
        assertThat(headers)
                .contains(
                        "Host: app.mydomain.com",
                        "X-Forwarded-For: 192.0.2.9, 127.0.0.1",
                        "X-Forwarded-Host: app.mydomain.com",
                        "X-Forwarded-Proto: http",
                        "X-Request-Id: ")
                .doesNotContain("X-Private");
    }

    @Test
    void sendsBodiesBothWays() throws Exception {
        route(backend("one"));
        assertThat(curl("--data-binary", "x".repeat(100_000), "http://app.mydomain.com/length"))
                .isEqualTo("100000");
        assertThat(
                        curl(
                                "-H",
                                "Transfer-Encoding: chunked",
                                "--data-binary",
                                "abc",
                                "http://app.mydomain.com/length"))
                .isEqualTo("3");
        assertThat(curl("-I", "http://app.mydomain.com/who")).startsWith("HTTP/1.1 200");
    }

    @Test
    void passesOverAnEndpointThatRefuses() throws Exception {
        route(new Backend.Endpoint("127.0.0.1", 1), backend("two"));
        for (int i = 0; i < 4; i++) {
            assertThat(curl("--data-binary", "abc", "http://app.mydomain.com/length"))
                    .isEqualTo("3");
        }
    }

    @Test
    void repeatsAHarmlessRequestWhenAKeptConnectionTurnsOutClosed() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> answerOncePerConnection(server));
            route(new Backend.Endpoint("127.0.0.1", server.getLocalPort()));
            for (int i = 0; i < 3; i++) {
                assertThat(curl("http://app.mydomain.com/")).isEqualTo("once");
            }
        }
    }

    /** Promises to keep the connection and closes it when the next request has come. */
    private static void answerOncePerConnection(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                var in = socket.getInputStream();
                int read = in.read(new byte[4096]);
                String answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nonce";
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                int next = read > 0 ? in.read() : -1;
                assertThat(next).isGreaterThanOrEqualTo(-1);
            } catch (IOException _) {
                // the test has ended
            }
        }
    }

    @Test
    void relaysWebSockets() throws InterruptedException {
        route(backend("one"));
        String echoed =
                HttpClient.create()
                        .headers(h -> h.set("Host", "app.mydomain.com"))
                        .websocket()
                        .uri("ws://127.0.0.1:" + port + "/socket")
                        .handle((in, out) ->
                                out.sendString(Mono.just("hello"))
                                        .then()
                                        .thenMany(in.receive().asString().take(1)))
                        .blockFirst(Duration.ofSeconds(5));
        assertThat(echoed).isEqualTo("HELLO");
    }

    @Test
    void givesEachFailureItsStatus() throws Exception {
        assertThat(status("http://app.mydomain.com/")).isEqualTo("404");
        route();
        assertThat(status("http://app.mydomain.com/")).isEqualTo("503");
        route(new Backend.Endpoint("127.0.0.1", 1));
        assertThat(status("http://app.mydomain.com/")).isEqualTo("502");
        route(backend("one"));
        assertThat(status("http://app.mydomain.com/never")).isEqualTo("504");
        assertThat(status("http://other.mydomain.com/")).isEqualTo("404");
    }

    @Test
    void streamsAResponseAsItComes() throws Exception {
        route(backend("one"));
        assertThat(curl("--max-time", "1", "http://app.mydomain.com/stream")).isEqualTo("first");
    }

    private Backend.Endpoint backend(String name) {
        DisposableServer server =
                HttpServer.create()
                        .runOn(loops)
                        .host("127.0.0.1")
                        .port(0)
                        .route(routes ->
                                routes.get("/who", (_, out) -> out.sendString(Mono.just(name)))
                                        .head("/who", (_, out) -> out.send())
                                        .get(
                                                "/headers",
                                                (in, out) ->
                                                        out.sendString(
                                                                Mono.just(
                                                                        String.join(
                                                                                "\n",
                                                                                in
                                                                                        .requestHeaders()
                                                                                        .entries()
                                                                                        .stream()
                                                                                        .map(e ->
                                                                                                e
                                                                                                                .getKey()
                                                                                                        + ": "
                                                                                                        + e
                                                                                                                .getValue())
                                                                                        .toList()))))
                                        .post(
                                                "/length",
                                                (in, out) ->
                                                        out.sendString(
                                                                in.receive()
                                                                        .aggregate()
                                                                        .asByteArray()
                                                                        .map(b ->
                                                                                Integer.toString(
                                                                                        b.length))))
                                        .get("/never", (_, out) -> out.sendString(Mono.never()))
                                        .get(
                                                "/stream",
                                                (_, out) ->
                                                        out.send(
                                                                Flux.concat(
                                                                        Mono.just(
                                                                                io.netty.buffer
                                                                                        .Unpooled
                                                                                        .wrappedBuffer(
                                                                                                "first"
                                                                                                        .getBytes(
                                                                                                                StandardCharsets
                                                                                                                        .UTF_8))),
                                                                        Mono.never()),
                                                                _ -> true))
                                        .ws(
                                                "/socket",
                                                (in, out) ->
                                                        out.sendString(
                                                                in.receive()
                                                                        .asString()
                                                                        .map(s ->
                                                                                s.toUpperCase(
                                                                                        java.util
                                                                                                .Locale
                                                                                                .ROOT)))))
                        .bindNow();
        backends.add(server);
        return new Backend.Endpoint("127.0.0.1", server.port());
    }

    private void route(Backend.Endpoint... endpoints) {
        Backend backend = new Backend("shop", "web", "80", List.of(endpoints));
        table.set(
                new RouteTable(
                        List.of(
                                new Route(
                                        HostMatcher.of("app.mydomain.com"),
                                        PathMatcher.prefix("/"),
                                        backend,
                                        "shop/ingress")),
                        List.of()));
    }

    private String status(String url) throws IOException, InterruptedException {
        return curl("-o", "/dev/null", "-w", "%{http_code}", url);
    }

    private String curl(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("curl", "-sN", "--connect-to", "::127.0.0.1:" + port));
        command.addAll(List.of(arguments));
        Process curl = new ProcessBuilder(command).start();
        String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        curl.waitFor();
        return output.strip();
    }
}
