package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.status.ApiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

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
        return Answers.json(error.code(), error.toStatus());
    }
}
