package dev.coracle.cloudlb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coracle.cloudlb.CloudLbEmulator;
import dev.coracle.cloudlb.CloudLbProperties;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The provider over HTTP, with real targets on the loopback network. */
class ProviderIT {

    private static final KubernetesClient NOBODY =
            new KubernetesClientBuilder()
                    .withConfig(
                            new ConfigBuilder()
                                    .withAutoConfigure(false)
                                    .withMasterUrl("http://127.0.0.1:1")
                                    .build())
                    .build();
    private static final CloudLbEmulator CLOUD =
            CloudLbEmulator.create(
                    new CloudLbProperties(
                            "127.0.0.1",
                            0,
                            "127.88.0.0/24",
                            "",
                            Duration.ZERO,
                            Duration.ofMillis(200)),
                    NOBODY);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        CLOUD.start();
    }

    @AfterAll
    static void stop() {
        CLOUD.close();
        NOBODY.close();
    }

    @Test
    void forwardsToHealthyTargetsOnly() throws Exception {
        try (ServerSocket one = target("127.0.0.2", 0)) {
            ServerSocket two = target("127.0.0.3", one.getLocalPort());
            int port = one.getLocalPort();
            assertThat(put("web", body("web", 18080, port, "")).statusCode()).isEqualTo(202);
            String address = awaitActive("web");
            await().untilAsserted(() ->
                    assertThat(
                                    get("/v1/load-balancers/web/targets")
                                            .body()
                                            .split("\"healthy\"", -1))
                            .hasSize(3));
            Set<String> answered = new TreeSet<>();
            for (int i = 0; i < 4; i++) {
                answered.add(ask(address, 18080));
            }
            assertThat(answered).containsExactly("127.0.0.2", "127.0.0.3");
            two.close();
            await().untilAsserted(() ->
                    assertThat(get("/v1/load-balancers/web/targets").body())
                            .contains("\"unhealthy\""));
            for (int i = 0; i < 4; i++) {
                assertThat(ask(address, 18080)).isEqualTo("127.0.0.2");
            }
        } finally {
            delete("web");
        }
    }

    @Test
    void givesTheAddressAskedForAndReleasesIt() throws Exception {
        put("fixed", body("fixed", 18081, 9, "127.88.0.77"));
        assertThat(awaitActive("fixed")).isEqualTo("127.88.0.77");
        put("late", body("late", 18081, 9, "127.88.0.77"));
        await().untilAsserted(() ->
                assertThat(get("/v1/load-balancers/late").body())
                        .contains("\"failed\"", "127.88.0.77 is not a free one"));
        assertThat(delete("fixed").statusCode()).isEqualTo(204);
        put("late", body("late", 18081, 9, "127.88.0.77"));
        assertThat(awaitActive("late")).isEqualTo("127.88.0.77");
        delete("late");
        assertThat(get("/v1/addresses").body()).doesNotContain("127.88.0.77");
    }

    @Test
    void refusesClientsOutsideTheSourceRanges() throws Exception {
        try (ServerSocket one = target("127.0.0.2", 0)) {
            String request =
                    body("closed", 18082, one.getLocalPort(), "")
                            .replace(
                                    "\"targets\"",
                                    "\"sourceRanges\":[\"192.0.2.0/24\"],\"targets\"");
            put("closed", request);
            String address = awaitActive("closed");
            assertThat(ask(address, 18082)).isEqualTo("refused");
        } finally {
            delete("closed");
        }
    }

    @Test
    void explainsWhatIsWrong() throws Exception {
        assertThat(get("/v1/load-balancers/none").statusCode()).isEqualTo(404);
        assertThat(get("/v1/load-balancers/none").body())
                .contains("load balancer 'none' does not exist");
        HttpResponse<String> badPort = put("web", body("web", 70000, 9, ""));
        assertThat(badPort.statusCode()).isEqualTo(422);
        assertThat(badPort.body()).contains("70000");
        assertThat(put("web", body("other", 80, 9, "")).statusCode()).isEqualTo(422);
        assertThat(put("web", "{").statusCode()).isEqualTo(400);
        assertThat(delete("none").statusCode()).isEqualTo(404);
    }

    @Test
    void publishesTheDocumentInTheRepository() throws Exception {
        Path golden = Path.of("..", "openapi", "cloud-lb-emulator.json");
        String actual = get("/v3/api-docs").body().replaceAll("\"servers\":\\[[^]]*],", "");
        ObjectMapper mapper = new ObjectMapper();
        String pretty =
                mapper.writerWithDefaultPrettyPrinter()
                                .writeValueAsString(mapper.readValue(actual, TreeMap.class))
                        + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(golden.getParent());
            Files.writeString(golden, pretty);
        }
        assertThat(pretty)
                .as("rewrite with -Dgolden.update=true")
                .isEqualTo(Files.readString(golden));
    }

    private static String body(String name, int port, int targetPort, String address) {
        return """
        {"name":"%s","address":"%s","listeners":[{"name":"http","protocol":"TCP","port":%d,"targetPort":%d}],
         "targets":[{"name":"a","address":"127.0.0.2"},{"name":"b","address":"127.0.0.3"}],
         "healthCheck":{"protocol":"TCP","port":0,"path":"/","intervalMillis":50,"timeoutMillis":200,"healthyThreshold":1,"unhealthyThreshold":1}}
        """
                .formatted(name, address, port, targetPort);
    }

    private static String awaitActive(String name) {
        await().untilAsserted(() ->
                assertThat(get("/v1/load-balancers/" + name).body()).contains("\"active\""));
        String body = get("/v1/load-balancers/" + name).body();
        int start = body.indexOf("\"address\":\"") + 11;
        return body.substring(start, body.indexOf('"', start));
    }

    /** The text a target sends, or {@code refused}. */
    private static String ask(String address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 1000);
            socket.setSoTimeout(2000);
            try (InputStream in = socket.getInputStream()) {
                String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                return text.isEmpty() ? "refused" : text;
            }
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("reset")
                    ? "refused"
                    : e.toString();
        }
    }

    private static ServerSocket target(String address, int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        Thread.ofVirtual()
                .start(() -> {
                    while (!server.isClosed()) {
                        try (Socket socket = server.accept();
                                OutputStream out = socket.getOutputStream()) {
                            out.write(address.getBytes(StandardCharsets.US_ASCII));
                        } catch (IOException _) {
                            // closed by the test, or a health check that left
                        }
                    }
                });
        return server;
    }

    private static HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(CLOUD.provider().resolve(path)).GET());
    }

    private static HttpResponse<String> put(String name, String body) {
        return send(
                HttpRequest.newBuilder(uri(name))
                        .header("content-type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> delete(String name) {
        return send(HttpRequest.newBuilder(uri(name)).DELETE());
    }

    private static URI uri(String name) {
        return CLOUD.provider().resolve("/v1/load-balancers/" + name);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(
                    request.timeout(Duration.ofSeconds(5)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
