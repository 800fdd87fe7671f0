package dev.coracle.cloudlb.api;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.reactive.result.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebInputException;
import reactor.core.publisher.Mono;

/** Turns failures into problem documents; nothing else chooses a status. */
@RestControllerAdvice
final class Problems extends ResponseEntityExceptionHandler {

    @ExceptionHandler
    ProblemDetail unknown(UnknownLoadBalancerException e) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.NOT_FOUND, String.valueOf(e.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail invalid(IllegalArgumentException e) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.UNPROCESSABLE_CONTENT, String.valueOf(e.getMessage()));
    }

    /** A body that can be read but not accepted is 422, one that cannot be read 400. */
    @Override
    protected Mono<ResponseEntity<Object>> handleServerWebInputException(
            ServerWebInputException e,
            HttpHeaders headers,
            HttpStatusCode status,
            ServerWebExchange exchange) {
        Throwable cause = e.getMostSpecificCause();
        HttpStatusCode code =
                cause instanceof IllegalArgumentException
                        ? HttpStatus.UNPROCESSABLE_CONTENT
                        : status;
        String detail = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        @Nullable Object body = ProblemDetail.forStatusAndDetail(code, detail);
        return handleExceptionInternal(e, body, headers, code, exchange);
    }
}
