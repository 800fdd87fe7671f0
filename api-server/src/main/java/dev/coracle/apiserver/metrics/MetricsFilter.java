package dev.coracle.apiserver.metrics;

import dev.coracle.apiserver.authorization.Attributes;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Counts and times every request. */
public final class MetricsFilter implements WebFilter {

    private final ApiMetrics metrics;

    public MetricsFilter(ApiMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        Attributes attributes = Attributes.of(request);
        boolean dryRun = request.getQueryParams().containsKey("dryRun");
        long start = System.nanoTime();
        metrics.started(attributes);
        return chain.filter(exchange)
                .doFinally(_ -> {
                    HttpStatusCode code = exchange.getResponse().getStatusCode();
                    metrics.ended(
                            attributes,
                            dryRun,
                            code == null ? 200 : code.value(),
                            (System.nanoTime() - start) / 1e9);
                });
    }
}
