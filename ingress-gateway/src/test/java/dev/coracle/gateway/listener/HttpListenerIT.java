package dev.coracle.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.gateway.proxy.Proxy;
import dev.coracle.gateway.route.Backend;
import dev.coracle.gateway.route.HostMatcher;
import dev.coracle.gateway.route.PathMatcher;
import dev.coracle.gateway.route.Route;
import dev.coracle.gateway.route.RouteTable;
import dev.coracle.gateway.tls.OwnCertificate;
import dev.coracle.gateway.tls.ServerCertificate;
import dev.coracle.gateway.tls.TlsHost;
import dev.coracle.gateway.tls.TlsTable;
import dev.coracle.gateway.upstream.Upstreams;
import dev.coracle.testkit.OpensslCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** What curl and openssl see of the listener for TLS. */
class HttpListenerIT {

    private static final String HOST = "app.mydomain.com";

    private final LoopResources loops = LoopResources.create("listener-it", 1, 2, true);
    private final Upstreams upstreams =
            new Upstreams(
                    NetworkNamespace.host(), loops, Duration.ofSeconds(1), Duration.ofSeconds(5));
    private final HttpListener listener = new HttpListener(NetworkNamespace.host(), loops);
    private final AtomicReference<TlsTable> certificates = new AtomicReference<>(TlsTable.EMPTY);
    private final DisposableServer backend =
            HttpServer.create()
                    .runOn(loops)
                    .host("127.0.0.1")
                    .port(0)
                    .route(routes ->
                            routes.get(
                                            "/headers",
                                            (request, response) ->
                                                    response.sendString(
                                                            Mono.just(
                                                                    request.requestHeaders()
                                                                            .toString())))
                                    .post(
                                            "/length",
                                            (request, response) ->
                                                    response.sendString(
                                                            request.receive()
                                                                    .asByteArray()
                                                                    .map(bytes -> bytes.length)
                                                                    .reduce(0, Integer::sum)
                                                                    .map(String::valueOf)))
                                    .ws("/socket", (in, out) -> out.send(in.receive().retain())))
                    .bindNow();
    private int port;

    @TempDir private Path folder;

    @BeforeEach
    void start() throws IOException {
        RouteTable routes =
                new RouteTable(
                        List.of(),
                        List.of(
                                new Route(
                                        HostMatcher.of(""),
                                        PathMatcher.prefix("/"),
                                        new Backend(
                                                "shop",
                                                "web",
                                                "80",
                                                List.of(
                                                        new Backend.Endpoint(
                                                                "127.0.0.1", backend.port()))),
                                        "shop/ingress")));
        port =
                listener.listenSecurely(
                                "127.0.0.1",
                                0,
                                new Proxy(() -> routes, upstreams, Proxy.Entrance.HTTPS),
                                certificates::get,
                                OwnCertificate.create(Instant.now()))
                        .getPort();
    }

    @AfterEach
    void stop() {
        listener.close();
        upstreams.close();
        backend.disposeNow();
        loops.dispose();
    }

    @Test
    void speaksBothVersionsOfHttp() throws Exception {
        OpensslCertificate made = serve(HOST, HOST);
        for (String version : List.of("--http1.1", "--http2")) {
            assertThat(curl(made, version, "-w", "%{http_version}", "-o", "/dev/null", "/headers"))
                    .isEqualTo(version.equals("--http2") ? "2" : "1.1");
            assertThat(curl(made, version, "/headers"))
                    .contains(
                            "X-Forwarded-Proto: https",
                            "X-Forwarded-Port: 443",
                            "X-Forwarded-Host: " + HOST)
                    .containsIgnoringCase("host: " + HOST)
                    .doesNotContainIgnoringCase("x-http2");
            assertThat(curl(made, version, "--data-binary", "x".repeat(100_000), "/length"))
                    .isEqualTo("100000");
            assertThat(curl(made, version, "-w", "%{http_code}", "/nothing")).endsWith("404");
        }
    }

    @Test
    void takesANewCertificateForTheNextConnection() throws Exception {
        OpensslCertificate first = serve(HOST, HOST);
        assertThat(curl(first, "/headers")).contains("X-Forwarded-Proto");
        OpensslCertificate second = serve(HOST, HOST);
        assertThat(curl(second, "/headers")).contains("X-Forwarded-Proto");
    }

    @Test
    void showsItsOwnCertificateForOtherHostsAndToThoseWhoNameNone() throws Exception {
        var _ = serve(HOST, HOST);
        assertThat(subject("-servername", HOST)).contains(HOST);
        assertThat(subject("-servername", "other.mydomain.com"))
                .contains("Coracle Ingress Gateway Default Certificate");
        assertThat(subject("-noservername"))
                .contains("Coracle Ingress Gateway Default Certificate");
    }

    @Test
    void upgradesToWebSocketsByTls() throws Exception {
        OpensslCertificate made = serve(HOST, HOST);
        assertThat(
                        curl(
                                made,
                                "--http1.1",
                                "-m",
                                "1",
                                "-o",
                                "/dev/null",
                                "-w",
                                "%{http_code}",
                                "-H",
                                "Connection: Upgrade",
                                "-H",
                                "Upgrade: websocket",
                                "-H",
                                "Sec-WebSocket-Version: 13",
                                "-H",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                "/socket"))
                .endsWith("101");
    }

    private OpensslCertificate serve(String host, String name) throws Exception {
        Path own = Files.createTempDirectory(folder, "certificate");
        OpensslCertificate made = OpensslCertificate.create(own, name);
        certificates.set(
                new TlsTable(
                        List.of(
                                new TlsHost(
                                        HostMatcher.of(host),
                                        ServerCertificate.parse(
                                                Files.readAllBytes(made.certificate()),
                                                Files.readAllBytes(made.key())),
                                        "shop/cert",
                                        "shop/ingress"))));
        return made;
    }

    /** The path comes last. */
    private String curl(OpensslCertificate trusted, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "curl",
                                "-sSN",
                                "--cacert",
                                trusted.certificate().toString(),
                                "--connect-to",
                                "::127.0.0.1:" + port));
        command.addAll(List.of(arguments));
        command.add("https://" + HOST + command.removeLast());
        return run(command);
    }

    private String subject(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(arguments));
        return run(command).lines().filter(line -> line.startsWith("subject=")).findFirst().get();
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }
}
