package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.BadRequests.BadRequest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Ten thousand generated bad requests: each is refused with a Status, none hangs, nothing is
 * stored. {@code -Dbad.requests=N} and {@code -Dbad.seed=N} run more, or others.
 */
class BadRequestsIT {

    private static final int COUNT = Integer.getInteger("bad.requests", 10_000);
    private static final long SEED = Long.getLong("bad.seed", 42);
    private static final int CLIENTS = 8;

    @Test
    void areAllRefusedAndNothingIsStored() throws Exception {
        ApiServer server = ApiServer.start("coracle.apiserver.controllers=false");
        try (ApiClient client = ApiClient.of(server.data(), server.port())) {
            BadRequests requests = new BadRequests(SEED, documents(client));
            long before = revision(client);
            Queue<String> wrong = new ConcurrentLinkedQueue<>();
            AtomicInteger answered = new AtomicInteger();
            try (ExecutorService pool = Executors.newFixedThreadPool(CLIENTS)) {
                List<Future<?>> sent = new ArrayList<>();
                for (int i = 0; i < COUNT; i++) {
                    BadRequest request = requests.next();
                    sent.add(
                            pool.submit(() -> {
                                String problem = problem(client, request);
                                answered.incrementAndGet();
                                if (!problem.isEmpty()) {
                                    wrong.add(problem + " <- " + request);
                                }
                            }));
                }
                for (Future<?> future : sent) {
                    future.get();
                }
            }
            assertThat(wrong.stream().limit(40)).isEmpty();
            assertThat(answered).hasValue(COUNT);
            assertThat(revision(client)).isEqualTo(before);
        } finally {
            server.stop();
        }
    }

    /** Empty when the request was refused as it should be. */
    private static String problem(ApiClient client, BadRequest request) {
        try {
            HttpResponse<String> response =
                    client.exchange(
                            request.method(), request.path(), request.headers(), request.body());
            int code = response.statusCode();
            boolean ahead = code == 504 && request.path().contains("resourceVersion=9");
            if ((code < 400 || code >= 500) && !ahead) {
                return "code " + code + " " + cut(response.body());
            }
            // what is no HTTP request to begin with is refused by the HTTP server
            return response.body().contains("\"kind\":\"Status\"") || response.body().isEmpty()
                    ? ""
                    : "no Status: " + response.body();
        } catch (IOException | IllegalArgumentException e) {
            return "no answer: " + e;
        }
    }

    private static String cut(String body) {
        return body.substring(0, Math.min(body.length(), 250));
    }

    private static List<JsonNode> documents(ApiClient client) throws IOException {
        JsonMapper json = JsonMapper.shared();
        List<JsonNode> documents = new ArrayList<>();
        for (JsonNode path : json.readTree(client.send("GET", "/openapi/v3", "")).path("paths")) {
            documents.add(
                    json.readTree(
                            client.send("GET", path.path("serverRelativeURL").asString(), "")));
        }
        return documents;
    }

    /** The newest revision of the store. */
    private static long revision(ApiClient client) throws IOException {
        return ApiClient.resourceVersion(
                client.send("GET", "/api/v1/pods?labelSelector=no%3Dpod", ""));
    }
}
