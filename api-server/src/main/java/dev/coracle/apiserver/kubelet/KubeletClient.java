package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.status.ApiException;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** Asks kubelets for texts. Thread-safe. */
final class KubeletClient implements AutoCloseable {

    private final ConnectionProvider connections =
            ConnectionProvider.builder("kubelets")
                    .maxConnections(1000)
                    .maxIdleTime(Duration.ofSeconds(10))
                    .build();
    private final LoopResources loops = LoopResources.create("kubelets", 1, true);
    private final HttpClient client;

    KubeletClient(NetworkNamespace namespace, SslContext tls) {
        client =
                HttpClient.create(connections)
                        .runOn(namespace.loopResources(loops))
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                        .secure(spec -> spec.sslContext(tls));
    }

    /** The text at {@code uri}, as it comes; what the kubelet refuses becomes an ApiException. */
    Mono<ServerResponse> get(InetSocketAddress kubelet, String uri, ServerRequest request) {
        String url =
                "https://" + kubelet.getAddress().getHostAddress() + ":" + kubelet.getPort() + uri;
        return ServerResponse.ok()
                .build((exchange, _) ->
                        client.get()
                                .uri(url)
                                .response((answer, body) ->
                                        relay(answer, body, exchange.getResponse()))
                                .then()
                                .onErrorMap(
                                        e ->
                                                !(e instanceof ApiException)
                                                        && !exchange.getResponse().isCommitted(),
                                        e ->
                                                ApiException.internal(
                                                        "Get \"" + url + "\": " + e.getMessage())));
    }

    /** A whole text. */
    Mono<String> text(InetSocketAddress kubelet, String uri) {
        String url =
                "https://" + kubelet.getAddress().getHostAddress() + ":" + kubelet.getPort() + uri;
        return client.get()
                .uri(url)
                .responseSingle((answer, body) -> {
                    int code = answer.status().code();
                    Mono<String> text = body.asString().defaultIfEmpty("");
                    return code == 200 ? text : text.flatMap(t -> Mono.error(refused(code, t)));
                });
    }

    private static Mono<Void> relay(
            HttpClientResponse answer, ByteBufFlux body, ServerHttpResponse response) {
        int code = answer.status().code();
        if (code != 200) {
            return body.aggregate()
                    .asString()
                    .defaultIfEmpty("")
                    .flatMap(text -> Mono.error(refused(code, text)));
        }
        response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
        NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
        Flux<DataBuffer> bytes = body.retain().map(buffers::wrap);
        return response.writeAndFlushWith(bytes.map(Mono::just));
    }

    private static ApiException refused(int code, String text) {
        return switch (code) {
            case 400 -> ApiException.badRequest(text);
            case 404 -> ApiException.pathNotFound();
            default -> ApiException.internal(text);
        };
    }

    @Override
    public void close() {
        connections.dispose();
        loops.dispose();
    }
}
