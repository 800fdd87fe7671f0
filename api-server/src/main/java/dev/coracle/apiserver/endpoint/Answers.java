package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.Json;
import java.time.InstantSource;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** Writes answers. */
final class Answers {

    private final InstantSource clock;

    Answers(InstantSource clock) {
        this.clock = clock;
    }

    InstantSource clock() {
        return clock;
    }

    /** A stored object in the form the client asked for. */
    Mono<ServerResponse> object(
            ServerRequest request,
            RequestTarget target,
            int code,
            byte[] json,
            List<String> warnings) {
        Representation form = Representation.of(request);
        ServerResponse.BodyBuilder builder =
                ServerResponse.status(code).contentType(form.mediaType());
        for (String warning : warnings) {
            builder.header("Warning", "299 - \"" + warning.replace("\"", "\\\"") + "\"");
        }
        return builder.bodyValue(
                form.write(
                        target.strategy().toServed(json),
                        target.strategy().table(),
                        clock.instant()));
    }

    static Mono<ServerResponse> json(int code, ObjectNode tree) {
        return ServerResponse.status(code)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Json.MAPPER.writeValueAsBytes(tree));
    }

    static Mono<ServerResponse> json(ObjectNode tree) {
        return json(200, tree);
    }
}
