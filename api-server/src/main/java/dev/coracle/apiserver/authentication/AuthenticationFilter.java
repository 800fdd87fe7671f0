package dev.coracle.apiserver.authentication;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Refuses anonymous requests, but for health checks and the pages that describe the API or show it.
 * The pages are the same for everyone: nobody is asked who they are, or refused for who they are.
 */
public final class AuthenticationFilter implements WebFilter {

    private static final List<String> HEALTH = List.of("/healthz", "/livez", "/readyz");

    private static final List<String> PAGES =
            List.of("/swagger-ui", "/webjars/swagger-ui", "/v3/api-docs", "/dashboard");

    private final Authenticator authenticator;

    public AuthenticationFilter(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().value();
        if (PAGES.stream().anyMatch(path::startsWith)) {
            return chain.filter(exchange);
        }
        var user = authenticator.authenticate(exchange.getRequest());
        if (user.isPresent()) {
            exchange.getAttributes().put(User.ATTRIBUTE, user.get());
        } else if (HEALTH.stream().noneMatch(path::startsWith)) {
            ServerHttpResponse response = exchange.getResponse();
            response.setStatusCode(HttpStatus.UNAUTHORIZED);
            response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
            byte[] body = Json.MAPPER.writeValueAsBytes(ApiException.unauthorized().toStatus());
            return response.writeWith(Mono.just(response.bufferFactory().wrap(body)));
        }
        return chain.filter(exchange);
    }
}
