package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** The one place where a failure becomes an HTTP code and a Status body. */
final class StatusErrors {

    private static final Logger LOG = LoggerFactory.getLogger(StatusErrors.class);

    private StatusErrors() {}

    static Mono<ServerResponse> answer(Throwable failure, ServerRequest request) {
        ApiException error;
        if (failure instanceof ApiException expected) {
            error = expected;
        } else {
            LOG.error("{} {} failed", request.method(), request.path(), failure);
            error = ApiException.internal(failure.toString());
        }
        ServerResponse.BodyBuilder answer = ServerResponse.status(error.code());
        ObjectNode status = error.toStatus();
        int retryAfter = status.at("/details/retryAfterSeconds").asInt(0);
        if (retryAfter > 0) {
            answer.header("Retry-After", String.valueOf(retryAfter));
        }
        return answer.contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Json.MAPPER.writeValueAsBytes(status));
    }
}
