package dev.coracle.apiserver.endpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code /healthz}, {@code /livez} and {@code /readyz}: all checks together, or one by its name
 * (Kubernetes: API health endpoints).
 */
public final class HealthRouter {

    private final Map<String, BooleanSupplier> live;
    private final Map<String, BooleanSupplier> ready;

    /**
     * Serves the checks.
     *
     * @param live whether the process works at all, by name
     * @param ready what must be true beside it before requests are welcome
     */
    public HealthRouter(Map<String, BooleanSupplier> live, Map<String, BooleanSupplier> ready) {
        this.live = Map.copyOf(live);
        Map<String, BooleanSupplier> all = new LinkedHashMap<>(live);
        all.putAll(ready);
        this.ready = Map.copyOf(all);
    }

    public RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route();
        Map<String, Map<String, BooleanSupplier>> endpoints =
                Map.of("healthz", live, "livez", live, "readyz", ready);
        endpoints.forEach((name, checks) ->
                routes.GET("/" + name, request -> all(name, checks, request))
                        .GET("/" + name + "/", request -> all(name, checks, request))
                        .GET(
                                "/" + name + "/{*check}",
                                request ->
                                        one(checks, request.pathVariable("check").substring(1))));
        return routes.build();
    }

    private static Mono<ServerResponse> all(
            String endpoint, Map<String, BooleanSupplier> checks, ServerRequest request) {
        List<String> excluded = request.queryParams().getOrDefault("exclude", List.of());
        StringBuilder lines = new StringBuilder();
        boolean good = true;
        for (String name : checks.keySet().stream().sorted().toList()) {
            if (excluded.contains(name)) {
                lines.append("[+]").append(name).append(" excluded: ok\n");
            } else if (isGood(checks, name)) {
                lines.append("[+]").append(name).append(" ok\n");
            } else {
                good = false;
                lines.append("[-]").append(name).append(" failed: reason withheld\n");
            }
        }
        if (!good) {
            return text(500, lines + endpoint + " check failed\n");
        }
        boolean verbose = request.queryParams().containsKey("verbose");
        return text(200, verbose ? lines + endpoint + " check passed\n" : "ok");
    }

    private static Mono<ServerResponse> one(Map<String, BooleanSupplier> checks, String name) {
        if (!checks.containsKey(name)) {
            return text(404, "404 page not found\n");
        }
        return isGood(checks, name)
                ? text(200, "ok")
                : text(500, "internal server error: " + name + " failed\n");
    }

    private static boolean isGood(Map<String, BooleanSupplier> checks, String name) {
        BooleanSupplier check = checks.get(name);
        return check != null && check.getAsBoolean();
    }

    private static Mono<ServerResponse> text(int code, String text) {
        return ServerResponse.status(code)
                .contentType(
                        new MediaType(
                                MediaType.TEXT_PLAIN, java.nio.charset.StandardCharsets.UTF_8))
                .header("Cache-Control", "no-cache, private")
                .bodyValue(text);
    }
}
