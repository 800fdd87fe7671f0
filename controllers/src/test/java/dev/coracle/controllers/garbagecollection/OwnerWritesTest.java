package dev.coracle.controllers.garbagecollection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asked of an API server that answers as it is told. */
class OwnerWritesTest {

    private static final String PATH = "/api/v1/namespaces/shop/pods/web";
    private static final String OWNED =
            "[{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"name\":\"old\",\"uid\":\"job\"}]";

    private final OwnedObject judged =
            new OwnedObject("v1", "Pod", "shop", "web", "pod", List.of(owner()), Set.of(), false);
    private final List<String> deletions = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private KubernetesClient client;
    private String live = "";
    private int answer = 200;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        client =
                new KubernetesClientBuilder()
                        .withConfig(
                                new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
                                        .withMasterUrl(
                                                "http://127.0.0.1:" + server.getAddress().getPort())
                                        .withRequestRetryBackoffLimit(0)
                                        .build())
                        .build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void deletesWhatIsAsItWasJudged() {
        live = pod("pod", OWNED);
        new OwnerWrites(client).delete(PATH, judged, "Background");
        assertThat(deletions)
                .singleElement()
                .asString()
                .contains("\"uid\":\"pod\"", "\"resourceVersion\":\"7\"", "Background");
    }

    @Test
    void keepsWhatWasOrphanedOrReplacedMeanwhile() {
        live = pod("pod", "[]");
        new OwnerWrites(client).delete(PATH, judged, "Background");
        live = pod("another", OWNED);
        new OwnerWrites(client).delete(PATH, judged, "Background");
        assertThat(deletions).isEmpty();
    }

    @Test
    void leavesItToTheCallerWhenItChangesInBetween() {
        live = pod("pod", OWNED);
        answer = 409;
        assertThatThrownBy(() -> new OwnerWrites(client).delete(PATH, judged, "Background"))
                .isInstanceOf(KubernetesClientException.class);
        answer = 404;
        new OwnerWrites(client).delete(PATH, judged, "Background");
        assertThat(deletions).hasSize(2);
    }

    private static OwnerReference owner() {
        return new OwnerReferenceBuilder()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withName("old")
                .withUid("job")
                .build();
    }

    private static String pod(String uid, String owners) {
        return """
        {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop","name":"web",
        "uid":"%s","resourceVersion":"7","ownerReferences":%s}}
        """
                .formatted(uid, owners);
    }

    private void answer(HttpExchange exchange) throws IOException {
        boolean isDeletion = exchange.getRequestMethod().equals("DELETE");
        if (isDeletion) {
            deletions.add(
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        }
        byte[] body = (isDeletion ? "{}" : live).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(isDeletion ? answer : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
