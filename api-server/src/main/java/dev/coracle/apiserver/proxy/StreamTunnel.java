package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.status.ApiException;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.Connection;

/**
 * Sends a request to upgrade to a backend and, once that agrees, joins both connections byte by
 * byte until one of them ends. Whatever they speak then is theirs. Thread-safe.
 */
public final class StreamTunnel implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StreamTunnel.class);
    private static final int LARGEST_ANSWER = 64 * 1024;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final NetworkNamespace namespace;

    /** Dials from {@code namespace}, which stays the caller's to close. */
    public StreamTunnel(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    /**
     * Where a tunnel leads.
     *
     * @param tls null for a plain connection
     * @param uri path and query there
     */
    public record Target(InetSocketAddress address, @Nullable SslContext tls, String uri) {}

    private record Refusal(int code, @Nullable String type, byte[] body) {}

    /** Completes when the tunnel has ended; fails with {@link ApiException} when there is none. */
    public Mono<Void> join(ServerHttpRequest request, ServerHttpResponse response, Target target) {
        if (!(nativeRequest(request) instanceof Connection client)
                || client.channel().pipeline().get("reactor.left.httpCodec") == null) {
            return Mono.error(ApiException.badRequest("Upgrade request required"));
        }
        FullHttpRequest forwarded = forwarded(request, target);
        return Mono.<Refusal>create(sink -> dial(client.channel(), forwarded, target, sink))
                .flatMap(refusal -> {
                    response.setStatusCode(HttpStatusCode.valueOf(refusal.code()));
                    if (refusal.type() != null) {
                        response.getHeaders().set("Content-Type", refusal.type());
                    }
                    return response.writeWith(
                            Mono.just(response.bufferFactory().wrap(refusal.body())));
                });
    }

    private void dial(
            Channel client, FullHttpRequest request, Target target, MonoSink<Refusal> sink) {
        var connected =
                new Bootstrap()
                        .group(loops)
                        .channelFactory(namespace.connections())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, RawChannel.ROOM)
                        .handler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel backend) {
                                        SslContext tls = target.tls();
                                        if (tls != null) {
                                            backend.pipeline()
                                                    .addLast(
                                                            tls.newHandler(
                                                                    backend.alloc(),
                                                                    target.address()
                                                                            .getHostString(),
                                                                    target.address().getPort()));
                                        }
                                        backend.pipeline()
                                                .addLast(
                                                        new HttpClientCodec(),
                                                        new HttpObjectAggregator(LARGEST_ANSWER),
                                                        new Answer(client, sink));
                                    }
                                })
                        .connect(target.address());
        sink.onDispose(() -> {
            var _ = connected.channel().close();
        });
        connected.addListener(done -> {
            if (done.isSuccess()) {
                var _ = connected.channel().writeAndFlush(request);
            } else {
                sink.error(failed(String.valueOf(done.cause().getMessage())));
            }
        });
    }

    private static ApiException failed(String why) {
        return ApiException.internal("error dialing backend: " + why);
    }

    /** Waits for what the backend says, on the backend's event loop. */
    private static final class Answer extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final Channel client;
        private final MonoSink<Refusal> sink;
        private boolean answered;

        Answer(Channel client, MonoSink<Refusal> sink) {
            this.client = client;
            this.sink = sink;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            answered = true;
            if (response.status().code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
                sink.success(
                        new Refusal(
                                response.status().code(),
                                response.headers().get("Content-Type"),
                                ByteBufUtil.getBytes(response.content())));
                var _ = context.close();
                return;
            }
            Channel backend = context.channel();
            // nothing is read until the other side is ready for it
            backend.config().setAutoRead(false);
            HttpHeaders headers = response.headers().copy();
            client.eventLoop().execute(() -> RawChannel.take(client, headers, backend));
            // what the codec holds already goes to the client after that
            context.pipeline().addLast(new Relay(client));
            context.pipeline().remove(HttpObjectAggregator.class);
            context.pipeline().remove(HttpClientCodec.class);
            context.pipeline().remove(this);
            backend.closeFuture().addListener(_ -> sink.success());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!answered) {
                sink.error(failed("the connection was closed"));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("a tunnel fails: {}", cause.toString());
            answered = true;
            sink.error(failed(String.valueOf(cause.getMessage())));
            var _ = context.close();
        }
    }

    private static FullHttpRequest forwarded(ServerHttpRequest request, Target target) {
        DefaultFullHttpRequest forwarded =
                new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_1,
                        HttpMethod.valueOf(request.getMethod().name()),
                        target.uri());
        request.getHeaders()
                .forEach((name, values) -> {
                    String lower = name.toLowerCase(Locale.ROOT);
                    boolean ours =
                            lower.equals("authorization")
                                    || lower.equals("host")
                                    || lower.equals("content-length")
                                    || lower.startsWith("impersonate-");
                    if (lower.equals("sec-websocket-protocol")) {
                        forwarded.headers().set(name, WebSocketTokens.without(values));
                    } else if (!ours) {
                        forwarded.headers().set(name, values);
                    }
                });
        forwarded
                .headers()
                .set("Host", target.address().getHostString() + ":" + target.address().getPort())
                .set("Content-Length", 0);
        return forwarded;
    }

    private static Object nativeRequest(ServerHttpRequest request) {
        return request instanceof AbstractServerHttpRequest plain
                ? plain.getNativeRequest()
                : ServerHttpRequestDecorator.getNativeRequest(request);
    }

    @Override
    public void close() {
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
