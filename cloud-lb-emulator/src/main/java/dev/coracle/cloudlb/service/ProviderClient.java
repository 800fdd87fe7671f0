package dev.coracle.cloudlb.service;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** The provider's REST API, seen from the controller. Blocking; thread-safe. */
final class ProviderClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final URI loadBalancers;
    private final KubernetesSerialization json;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();

    ProviderClient(URI provider, KubernetesSerialization json) {
        this.loadBalancers = provider.resolve("/v1/load-balancers/");
        this.json = json;
    }

    /**
     * Asks for what {@code request} describes; the answer has {@code state}, {@code stateReason}
     * and {@code address}.
     */
    Map<?, ?> ensure(String name, Map<String, Object> request) {
        return document(
                HttpRequest.newBuilder(loadBalancers.resolve(name))
                        .header("content-type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(json.asJson(request))));
    }

    Map<?, ?> get(String name) {
        return document(HttpRequest.newBuilder(loadBalancers.resolve(name)).GET());
    }

    /** Fine if there is none. */
    void delete(String name) {
        HttpResponse<String> response =
                send(HttpRequest.newBuilder(loadBalancers.resolve(name)).DELETE());
        if (response.statusCode() != 204 && response.statusCode() != 404) {
            throw new IllegalStateException(
                    "the provider answered " + response.statusCode() + ": " + response.body());
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private Map<?, ?> document(HttpRequest.Builder request) {
        HttpResponse<String> response = send(request);
        Map<?, ?> body = json.unmarshal(response.body(), Map.class);
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(
                    "the provider answered " + response.statusCode() + ": " + body.get("detail"));
        }
        return body;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(
                    request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the provider at " + loadBalancers + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the provider was asked", e);
        }
    }
}
