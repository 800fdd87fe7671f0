package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/** Answers what no route has answered: a path or method that is not served, with a Status. */
public final class UnhandledErrors implements WebExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(UnhandledErrors.class);

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        ServerHttpResponse response = exchange.getResponse();
        if (response.isCommitted()) {
            return Mono.error(failure);
        }
        ApiException error = error(exchange, failure);
        response.setStatusCode(HttpStatusCode.valueOf(error.code()));
        response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        byte[] body = Json.MAPPER.writeValueAsBytes(error.toStatus());
        return response.writeWith(Mono.just(response.bufferFactory().wrap(body)));
    }

    private static ApiException error(ServerWebExchange exchange, Throwable failure) {
        if (failure instanceof ApiException expected) {
            return expected;
        }
        if (failure instanceof ResponseStatusException status) {
            int code = status.getStatusCode().value();
            if (code == 404) {
                return ApiException.pathNotFound();
            } else if (code == 405) {
                return ApiException.methodNotAllowed(
                        "the server does not allow this method on the requested resource");
            } else if (code < 500) {
                return ApiException.badRequest(String.valueOf(status.getReason()));
            }
        }
        LOG.error(
                "{} {} failed",
                exchange.getRequest().getMethod(),
                exchange.getRequest().getPath(),
                failure);
        return ApiException.internal(failure.toString());
    }
}
