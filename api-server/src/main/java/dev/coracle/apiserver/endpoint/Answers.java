package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.TablePrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** Writes answers. */
final class Answers {

    /** As kube-apiserver: smaller answers are not worth the time. */
    private static final int MIN_PACKED_BYTES = 128 * 1024;

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
        return printed(
                request,
                code,
                target.strategy().toServed(json),
                target.strategy().table(),
                warnings);
    }

    /** An object in the form the client asked for; {@code printer} makes a table of it. */
    Mono<ServerResponse> printed(
            ServerRequest request,
            int code,
            byte[] json,
            TablePrinter printer,
            List<String> warnings) {
        Representation form = Representation.of(request);
        ServerResponse.BodyBuilder builder =
                ServerResponse.status(code).contentType(form.mediaType());
        warn(request, warnings);
        return bytes(request, builder, form.write(json, printer, clock.instant()));
    }

    /** Sends these along with whatever is answered. */
    static void warn(ServerRequest request, List<String> warnings) {
        HttpHeaders headers = request.exchange().getResponse().getHeaders();
        for (String warning : warnings) {
            headers.add("Warning", "299 - \"" + warning.replace("\"", "\\\"") + "\"");
        }
    }

    /** A body, packed when it is large and the client takes it so. */
    static Mono<ServerResponse> bytes(
            ServerRequest request, ServerResponse.BodyBuilder builder, byte[] body) {
        return pieces(request, builder, List.of(body));
    }

    /** The same for a body in pieces, which is nowhere put together. */
    static Mono<ServerResponse> pieces(
            ServerRequest request, ServerResponse.BodyBuilder builder, List<byte[]> pieces) {
        int size = size(pieces);
        if (size >= MIN_PACKED_BYTES && acceptsGzip(request)) {
            return builder.header("Content-Encoding", "gzip")
                    .header("Vary", "Accept-Encoding")
                    .bodyValue(packed(pieces, size));
        }
        if (pieces.size() == 1) {
            return builder.bodyValue(pieces.getFirst());
        }
        return builder.contentLength(size)
                .body((response, _) ->
                        response.writeWith(PieceBuffers.of(pieces, response.bufferFactory())));
    }

    static byte[] joined(List<byte[]> pieces) {
        ByteBuffer all = ByteBuffer.allocate(size(pieces));
        pieces.forEach(all::put);
        return all.array();
    }

    private static int size(List<byte[]> pieces) {
        return pieces.stream().mapToInt(piece -> piece.length).reduce(0, Math::addExact);
    }

    private static byte[] packed(List<byte[]> pieces, int size) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(size / 8);
        try (GZIPOutputStream gzip =
                new GZIPOutputStream(packed, 16 * 1024) {
                    {
                        // as kube-apiserver: speed is worth more than the last bytes
                        def.setLevel(Deflater.BEST_SPEED);
                    }
                }) {
            for (byte[] piece : pieces) {
                gzip.write(piece);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static boolean acceptsGzip(ServerRequest request) {
        return request.headers().header("Accept-Encoding").stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(String::strip)
                .anyMatch(coding -> coding.equals("gzip") || coding.startsWith("gzip;q=1"));
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
