package dev.coracle.nodeagent.probe;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** One call of {@code grpc.health.v1.Health/Check}, in HTTP/2 without TLS. */
final class GrpcCheck {

    private static final String[] STATUS = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
    private static final int UNIMPLEMENTED = 12;

    private final HttpClient client;
    private final String host;
    private final int port;
    private final String service;

    GrpcCheck(NetworkNamespace node, LoopResources loops, String host, int port, String service) {
        this.client =
                HttpClient.create(ConnectionProvider.newConnection())
                        .protocol(HttpProtocol.H2C)
                        .runOn(node.loopResources(loops));
        this.host = host;
        this.port = port;
        this.service = service;
    }

    ProbeCheck.Result look(Duration timeout) {
        try {
            Answer answer = call().block(timeout);
            return answer == null
                    ? ProbeCheck.Result.failed("error: health rpc failed: no answer")
                    : judge(answer);
        } catch (RuntimeException e) {
            boolean late = e instanceof IllegalStateException;
            return ProbeCheck.Result.failed(
                    late
                            ? "timeout: failed to connect service \"%s:%d\" within %ds: context deadline exceeded"
                                    .formatted(host, port, timeout.toSeconds())
                            : "error: health rpc failed: " + text(e));
        }
    }

    private Mono<Answer> call() {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        ByteBuf message = Unpooled.buffer();
        int length = name.length == 0 ? 0 : name.length + 1 + (name.length < 128 ? 1 : 2);
        message.writeByte(0).writeInt(length);
        if (name.length > 0) {
            message.writeByte(0x0a);
            if (name.length < 128) {
                message.writeByte(name.length);
            } else {
                message.writeByte((name.length & 0x7f) | 0x80).writeByte(name.length >> 7);
            }
            message.writeBytes(name);
        }
        return client.headers(headers ->
                        headers.set("content-type", "application/grpc")
                                .set("te", "trailers")
                                .set("user-agent", "kube-probe/1.33"))
                .post()
                .uri("http://" + host + ":" + port + "/grpc.health.v1.Health/Check")
                .send(Mono.just(message))
                .responseSingle((response, body) -> {
                    @Nullable String early = response.responseHeaders().get("grpc-status");
                    return body.asByteArray()
                            .defaultIfEmpty(new byte[0])
                            .zipWith(
                                    early != null
                                            ? Mono.just(early)
                                            : response.trailerHeaders()
                                                    .map(t -> t.get("grpc-status", "2"))
                                                    .defaultIfEmpty("2"))
                            .map(both -> new Answer(Integer.parseInt(both.getT2()), both.getT1()));
                });
    }

    private ProbeCheck.Result judge(Answer answer) {
        if (answer.code() == UNIMPLEMENTED) {
            return ProbeCheck.Result.failed(
                    "error: this server does not implement the grpc health protocol"
                            + " (grpc.health.v1.Health)");
        }
        if (answer.code() != 0) {
            return ProbeCheck.Result.failed(
                    "error: health rpc failed: rpc error: code = " + answer.code());
        }
        int status = answer.status();
        return status == 1
                ? ProbeCheck.Result.ok()
                : ProbeCheck.Result.failed(
                        "service unhealthy (responded with \"" + STATUS[status] + "\")");
    }

    private static String text(RuntimeException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }

    /** The status code of the call and its one message, with the prefix of five bytes. */
    private record Answer(int code, byte[] body) {

        /** Field 1 of the message, 0 if it is not there. */
        int status() {
            int value = body.length > 6 && body[5] == 0x08 ? body[6] : 0;
            return value >= 0 && value < STATUS.length ? value : 0;
        }
    }
}
