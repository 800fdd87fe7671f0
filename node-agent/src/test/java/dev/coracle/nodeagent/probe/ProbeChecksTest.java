package dev.coracle.nodeagent.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.runtime.FakeContainerRuntime;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** Against real servers on loopback. */
class ProbeChecksTest {

    private static final ProbeMetrics.Target TARGET =
            new ProbeMetrics.Target("Readiness", "app", "my-pod", "default", "uid");

    private final ProbeMetrics metrics = new ProbeMetrics();
    private final ProbeChecks checks =
            new ProbeChecks(NetworkNamespace.host(), metrics, InstantSource.system());

    @AfterEach
    void close() {
        checks.close();
    }

    @Test
    void followsRedirectsOnTheHostAndJudgesByTheStatus() {
        DisposableServer server =
                HttpServer.create()
                        .host("127.0.0.1")
                        .route(routes ->
                                routes.get("/old", (_, response) -> response.sendRedirect("/new"))
                                        .get("/new", (_, response) -> response.send())
                                        .get(
                                                "/away",
                                                (_, response) ->
                                                        response.sendRedirect(
                                                                "http://example.invalid/")))
                        .bindNow();
        try {
            assertThat(http(server, "/old", "port").success()).isTrue();
            assertThat(http(server, "/away", "port").success()).isTrue();
            assertThat(http(server, "/none", "port").message())
                    .isEqualTo("HTTP probe failed with statuscode: 404");
            assertThat(http(server, "/", "nowhere").message())
                    .isEqualTo("couldn't find port: nowhere");
        } finally {
            server.disposeNow();
        }
        assertThat(http(server, "/new", "port").message())
                .isEqualTo(
                        "Get \"http://127.0.0.1:%d/new\": dial tcp 127.0.0.1:%d: connect: connection refused"
                                .formatted(server.port(), server.port()));
        assertThat(metrics.registry().scrape().stream())
                .anyMatch(each -> each.getMetadata().getName().equals("prober_probe"));
    }

    @Test
    void asksForTheHealthOfAGrpcService() {
        // field 1: SERVING, NOT_SERVING
        for (int status : new int[] {1, 2}) {
            DisposableServer server = grpc(new byte[] {0, 0, 0, 0, 2, 8, (byte) status}, "0");
            ProbeCheck.Result result = grpc(server.port());
            server.disposeNow();
            assertThat(result)
                    .isEqualTo(
                            status == 1
                                    ? ProbeCheck.Result.ok()
                                    : ProbeCheck.Result.failed(
                                            "service unhealthy (responded with"
                                                    + " \"NOT_SERVING\")"));
        }
    }

    @Test
    void saysThatAServerDoesNotKnowTheProtocol() {
        DisposableServer server = grpc(new byte[0], "12");
        ProbeCheck.Result result = grpc(server.port());
        server.disposeNow();
        assertThat(result.message())
                .startsWith("error: this server does not implement the grpc health protocol");
    }

    private static DisposableServer grpc(byte[] message, String status) {
        return HttpServer.create()
                .host("127.0.0.1")
                .protocol(HttpProtocol.H2C)
                .handle((request, response) ->
                        request.receive()
                                .then()
                                .thenEmpty(
                                        response.header("content-type", "application/grpc")
                                                .header("trailer", "grpc-status")
                                                .trailerHeaders(t -> t.set("grpc-status", status))
                                                .sendByteArray(Mono.just(message))))
                .bindNow();
    }

    private ProbeCheck.Result grpc(int port) {
        Probe probe =
                new ProbeBuilder()
                        .withNewGrpc()
                        .withPort(port)
                        .withService("shop")
                        .endGrpc()
                        .build();
        return look(probe, new ContainerBuilder().withName("app").build());
    }

    private ProbeCheck.Result http(DisposableServer server, String path, String port) {
        Probe probe =
                new ProbeBuilder()
                        .withNewHttpGet()
                        .withPath(path)
                        .withPort(new IntOrString(port))
                        .endHttpGet()
                        .build();
        Container container =
                new ContainerBuilder()
                        .withName("app")
                        .addNewPort()
                        .withName("port")
                        .withContainerPort(server.port())
                        .endPort()
                        .build();
        return look(probe, container);
    }

    private ProbeCheck.Result look(Probe probe, Container container) {
        return checks.of(probe, container, "127.0.0.1", FakeContainerRuntime.runOf("app"), TARGET)
                .look(Duration.ofSeconds(5));
    }
}
