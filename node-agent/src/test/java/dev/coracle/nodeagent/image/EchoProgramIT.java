package dev.coracle.nodeagent.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The echo program as a process. */
class EchoProgramIT {

    @TempDir Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private int port;
    private @Nullable Process started;

    @BeforeEach
    void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder =
                new ProcessBuilder(EchoProgram.install(folder))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .putAll(
                        Map.of(
                                "PORT",
                                Integer.toString(port),
                                "DRAIN_MILLIS",
                                "300",
                                "CORACLE_POD_NAME",
                                "my-pod"));
        started = builder.start();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptions()
                .until(() -> get("/healthz").statusCode() == 200);
    }

    @AfterEach
    void stop() {
        process().destroyForcibly();
    }

    @Test
    void saysWhoAnswersAndWhatWasAsked() throws Exception {
        assertThat(get("/some/path?q=1").body())
                .contains("pod: my-pod", "method: GET", "path: /some/path?q=1", "header Host: ");
        HttpResponse<String> json =
                http.send(
                        request("/x")
                                .header("Accept", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("hello"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(json.body())
                .startsWith("{\"pod\":\"my-pod\"")
                .contains("\"method\":\"POST\"", "\"bodyBytes\":5");
        assertThat(get("/status/503").statusCode()).isEqualTo(503);
    }

    @Test
    void sendsOtherBytesBack() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("PING\n".getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readNBytes(5), UTF_8))
                    .isEqualTo("PING\n");
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(3000);
            socket.send(
                    new DatagramPacket(
                            "ping".getBytes(UTF_8),
                            4,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
            DatagramPacket answer = new DatagramPacket(new byte[16], 16);
            socket.receive(answer);
            assertThat(answer.getLength()).isEqualTo(4);
        }
    }

    @Test
    void isNotReadyWhileAskedNotToBe() throws Exception {
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/unready").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/ready").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/unready?ms=1").statusCode()).isEqualTo(200);
        Awaitility.await().until(() -> get("/readyz").statusCode() == 200);
    }

    @Test
    void exitsWithTheCodeAskedFor() throws Exception {
        assertThat(get("/exit?code=7").statusCode()).isEqualTo(200);
        assertThat(process().waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(process().exitValue()).isEqualTo(7);
    }

    @Test
    void finishesWhatIsInFlightAndServesDuringTheDrain() throws Exception {
        CompletableFuture<HttpResponse<String>> slow =
                http.sendAsync(
                        request("/slow?ms=700").build(), HttpResponse.BodyHandlers.ofString());
        // another connection is answered while the slow one is in flight
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        process().destroy();
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(slow.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(process().waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(process().exitValue()).isZero();
    }

    private Process process() {
        return Objects.requireNonNull(started, "not started");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient fresh = HttpClient.newHttpClient()) {
            return fresh.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new IOException("not listening", e);
        }
    }
}
