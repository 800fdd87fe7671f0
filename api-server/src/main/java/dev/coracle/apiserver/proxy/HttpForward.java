package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.proxy.ProxyLocations.Location;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * Sends a client's request to an address in the cluster and the answer back, both as they come;
 * only a page with links is read whole. A backend's certificate is not checked. Thread-safe.
 */
final class HttpForward implements AutoCloseable {

    private static final int LARGEST_PAGE = 8 * 1024 * 1024;
    private static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");
    private static final Set<String> CORS =
            Set.of(
                    "access-control-allow-credentials",
                    "access-control-allow-headers",
                    "access-control-allow-methods",
                    "access-control-allow-origin");

    private final ConnectionProvider connections =
            ConnectionProvider.builder("api-proxy").maxIdleTime(Duration.ofSeconds(10)).build();
    private final LoopResources loops = LoopResources.create("api-proxy", 1, true);
    private final HttpClient plain;
    private final HttpClient secure;
    private final HttpClient kubelet;

    /**
     * Dials from {@code namespace}, which stays the caller's to close.
     *
     * @param kubelets proves to kubelets who this is
     */
    HttpForward(NetworkNamespace namespace, SslContext kubelets) {
        plain =
                HttpClient.create(connections)
                        .runOn(namespace.loopResources(loops))
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                        .followRedirect(false)
                        .compress(false)
                        .headers(headers -> headers.remove("User-Agent"));
        try {
            var tls =
                    SslContextBuilder.forClient()
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .build();
            secure = plain.secure(spec -> spec.sslContext(tls));
            kubelet = plain.secure(spec -> spec.sslContext(kubelets));
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Fails with {@link ApiException} 503 when the backend cannot be reached. */
    Mono<Void> send(
            ProxyPath path,
            Location location,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        String query = request.getURI().getRawQuery();
        String host = String.valueOf(request.getHeaders().getFirst("Host"));
        ProxiedLinks links = new ProxiedLinks(path.prefix(), location.authority(), host);
        return (location.kubelet() ? kubelet : location.secure() ? secure : plain)
                .headers(headers -> copyRequest(path, request, headers))
                .request(HttpMethod.valueOf(request.getMethod().name()))
                .uri(location.url() + path.rest() + (query == null ? "" : "?" + query))
                .send((_, out) -> out.send(request.getBody().map(HttpForward::buffer)))
                .response((answer, body) -> answer(answer, body, links, response))
                .then()
                .onErrorMap(
                        e -> !(e instanceof ApiException) && !response.isCommitted(),
                        e ->
                                ApiException.serviceUnavailable(
                                        "error trying to reach service: " + e.getMessage()));
    }

    private static void copyRequest(
            ProxyPath path, ServerHttpRequest request, HttpHeaders headers) {
        Set<String> named =
                Set.copyOf(
                        request.getHeaders().getOrEmpty("Connection").stream()
                                .flatMap(value -> Arrays.stream(value.split(",")))
                                .map(value -> value.strip().toLowerCase(Locale.ROOT))
                                .toList());
        request.getHeaders()
                .forEach((name, values) -> {
                    String lower = name.toLowerCase(Locale.ROOT);
                    boolean ours =
                            lower.equals("authorization")
                                    || lower.startsWith("impersonate-")
                                    || lower.startsWith("x-http2-");
                    if (!ours && !HOP_BY_HOP.contains(lower) && !named.contains(lower)) {
                        headers.set(name, values);
                    }
                });
        headers.set("X-Forwarded-Uri", path.prefix() + path.rest());
        InetSocketAddress client = request.getRemoteAddress();
        if (client != null && client.getAddress() != null) {
            String before = headers.get("X-Forwarded-For");
            String address = client.getAddress().getHostAddress();
            headers.set("X-Forwarded-For", before == null ? address : before + ", " + address);
        }
    }

    private static Mono<Void> answer(
            HttpClientResponse answer,
            ByteBufFlux body,
            ProxiedLinks links,
            ServerHttpResponse response) {
        response.setStatusCode(HttpStatusCode.valueOf(answer.status().code()));
        HttpHeaders headers = answer.responseHeaders();
        for (String name : headers.names()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(lower) && !CORS.contains(lower)) {
                response.getHeaders().put(name, headers.getAll(name));
            }
        }
        String redirect = headers.get("Location");
        if (redirect != null) {
            response.getHeaders().set("Location", links.rewrite(redirect));
        }
        NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
        Flux<DataBuffer> bytes = body.retain().map(buffers::wrap);
        if (redirect == null && isPage(headers)) {
            return DataBufferUtils.join(bytes, LARGEST_PAGE)
                    .map(page -> page(page, headers.get("Content-Encoding"), links))
                    .flatMap(page -> {
                        response.getHeaders().setContentLength(page.length);
                        return response.writeWith(Mono.just(buffers.wrap(page)));
                    })
                    .switchIfEmpty(Mono.defer(response::setComplete));
        }
        // each piece as it comes: it may be one of a stream
        return response.writeAndFlushWith(bytes.map(Mono::just));
    }

    private static boolean isPage(HttpHeaders headers) {
        String type = headers.get("Content-Type");
        String encoding = headers.get("Content-Encoding");
        return type != null
                && type.split(";", 2)[0].strip().equals("text/html")
                && (encoding == null || encoding.equals("gzip"));
    }

    private static byte[] page(DataBuffer page, @Nullable String encoding, ProxiedLinks links) {
        byte[] bytes = new byte[page.readableByteCount()];
        page.read(bytes);
        DataBufferUtils.release(page);
        boolean zipped = encoding != null;
        try {
            byte[] text = zipped ? unzipped(bytes) : bytes;
            byte[] rewritten =
                    links.page(new String(text, StandardCharsets.UTF_8))
                            .getBytes(StandardCharsets.UTF_8);
            return zipped ? zipped(rewritten) : rewritten;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] unzipped(byte[] bytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            byte[] text = in.readNBytes(LARGEST_PAGE + 1);
            if (text.length > LARGEST_PAGE) {
                throw new IOException("a page of more than " + LARGEST_PAGE + " bytes");
            }
            return text;
        }
    }

    private static byte[] zipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static ByteBuf buffer(DataBuffer buffer) {
        return NettyDataBufferFactory.toByteBuf(buffer);
    }

    @Override
    public void close() {
        connections.dispose();
        loops.dispose();
    }
}
