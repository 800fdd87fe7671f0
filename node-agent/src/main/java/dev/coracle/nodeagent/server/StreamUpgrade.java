package dev.coracle.nodeagent.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a request into streams: WebSocket or SPDY, whichever it asks for. Called on the event loop.
 */
final class StreamUpgrade {

    private static final Logger log = LoggerFactory.getLogger(StreamUpgrade.class);
    private static final String PROTOCOLS = "X-Stream-Protocol-Version";
    private static final String FORWARD = "portforward.k8s.io";
    private static final String FORWARD_TUNNEL = "SPDY/3.1+portforward.k8s.io";
    private static final int LARGEST_MESSAGE = 4 * 1024 * 1024;

    private final ChannelHandlerContext context;
    private final FullHttpRequest request;

    StreamUpgrade(ChannelHandlerContext context, FullHttpRequest request) {
        this.context = context;
        this.request = request;
    }

    /** Whether a request asks for streams at all. */
    static boolean isAskedFor(FullHttpRequest request) {
        String upgrade = request.headers().get("Upgrade", "");
        return upgrade.equalsIgnoreCase("websocket") || upgrade.equalsIgnoreCase("SPDY/3.1");
    }

    private boolean isSpdy() {
        return request.headers().get("Upgrade", "").equalsIgnoreCase("SPDY/3.1");
    }

    /** Which streams of a command the client wants. */
    record Wanted(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}

    /** Gets the streams of a command to {@code run}, on a thread of its own. */
    void command(Wanted wanted, Consumer<RemoteStreams> run) {
        Consumer<RemoteStreams> apart =
                streams -> {
                    Thread _ = Thread.ofVirtual().name("stream").start(() -> run.accept(streams));
                };
        if (isSpdy()) {
            spdyCommand(wanted, apart);
        } else {
            webSocketCommand(wanted, apart);
        }
    }

    /** Joins each connection the client asks for with a port of the pod. */
    void portForward(List<Integer> ports, PortForward forward) {
        if (isSpdy()) {
            if (protocols().contains(FORWARD)) {
                acceptSpdy(FORWARD);
                forwardOverSpdy(context.pipeline(), forward);
            } else {
                refuseProtocols(FORWARD);
            }
            return;
        }
        if (request.headers().get("Sec-WebSocket-Protocol", "").contains(FORWARD_TUNNEL)) {
            handshake(FORWARD_TUNNEL)
                    .ifPresent(_ -> {
                        ChannelPipeline pipeline = context.pipeline();
                        pipeline.addLast(new SpdyTunnel());
                        forwardOverSpdy(pipeline, forward);
                    });
            return;
        }
        handshake("v4.channel.k8s.io,v4.base64.channel.k8s.io")
                .ifPresent(chosen -> {
                    WebSocketChannels channels =
                            new WebSocketChannels(channel(), chosen.contains("base64"), () -> {});
                    for (int i = 0; i < ports.size(); i++) {
                        forwardOverWebSocket(channels, i, ports.get(i), forward);
                    }
                    context.pipeline().addLast(channels);
                });
    }

    private void forwardOverWebSocket(
            WebSocketChannels channels, int index, int port, PortForward forward) {
        InboundPipe data = channels.input(2 * index);
        var out = channels.output(2 * index);
        var error = channels.output(2 * index + 1);
        Thread _ =
                Thread.ofVirtual()
                        .name("forward-" + port)
                        .start(() -> {
                            byte[] number = {(byte) port, (byte) (port >> 8)};
                            try {
                                out.write(number);
                                error.write(number);
                                forward.run(channel(), port, data, out, error);
                            } catch (java.io.IOException e) {
                                log.debug("forwarding ends: {}", e.toString());
                            }
                            channels.finish();
                        });
    }

    private void forwardOverSpdy(ChannelPipeline pipeline, PortForward forward) {
        Map<String, SpdyStream> alone = new ConcurrentHashMap<>();
        SpdyConnection[] connection = new SpdyConnection[1];
        connection[0] =
                new SpdyConnection(
                        channel(),
                        stream -> {
                            String pair = stream.header("requestid");
                            SpdyStream other = alone.remove(pair);
                            if (other == null) {
                                alone.put(pair, stream);
                                return;
                            }
                            boolean isData = stream.header("streamtype").equals("data");
                            SpdyStream data = isData ? stream : other;
                            SpdyStream error = isData ? other : stream;
                            Thread _ =
                                    Thread.ofVirtual()
                                            .name("forward")
                                            .start(() -> {
                                                forward(forward, data, error);
                                                connection[0].forget(data);
                                                connection[0].forget(error);
                                            });
                        },
                        () -> {});
        pipeline.addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1), connection[0]);
    }

    private void forward(PortForward forward, SpdyStream data, SpdyStream error) {
        String port = data.header("port");
        if (port.matches("\\d{1,5}")) {
            forward.run(
                    channel(), Integer.parseInt(port), data.input(), data.output(), error.output());
        } else {
            log.debug("a client asks for port '{}'", port);
            var _ = channel().close();
        }
    }

    // -- commands

    private void webSocketCommand(Wanted wanted, Consumer<RemoteStreams> run) {
        List<String> known = StreamProtocol.webSocket().stream().map(StreamProtocol::text).toList();
        handshake(String.join(",", known))
                .ifPresent(chosen -> {
                    StreamProtocol protocol =
                            StreamProtocol.webSocket().stream()
                                    .filter(each -> each.text().equals(chosen))
                                    .findFirst()
                                    .orElse(StreamProtocol.V1);
                    WebSocketChannels channels =
                            new WebSocketChannels(channel(), protocol.isBase64(), () -> {});
                    RemoteStreams streams =
                            new RemoteStreams(
                                    wanted.stdin() ? channels.input(0) : null,
                                    wanted.stdout() ? channels.output(1) : null,
                                    wanted.stderr() ? channels.output(2) : null,
                                    channels.output(3),
                                    wanted.tty() ? channels.input(4) : null,
                                    protocol.hasStatusObject(),
                                    channels::finish);
                    context.pipeline().addLast(channels);
                    if (protocol != StreamProtocol.V5) {
                        // clients of version 5 may not be ready for it yet, and complain
                        channels.greet(wanted.stdout() ? 1 : wanted.stderr() ? 2 : 3);
                    }
                    run.accept(streams);
                });
    }

    private void spdyCommand(Wanted wanted, Consumer<RemoteStreams> run) {
        List<String> asked = protocols();
        Optional<StreamProtocol> chosen =
                asked.isEmpty() ? Optional.of(StreamProtocol.V1) : StreamProtocol.spdy(asked);
        if (chosen.isEmpty()) {
            refuseProtocols(
                    "v4.channel.k8s.io, v3.channel.k8s.io, v2.channel.k8s.io, channel.k8s.io");
            return;
        }
        StreamProtocol protocol = chosen.get();
        acceptSpdy(asked.isEmpty() ? "" : protocol.text());
        Map<String, Boolean> expected = new LinkedHashMap<>();
        expected.put("error", true);
        expected.put("stdin", wanted.stdin());
        expected.put("stdout", wanted.stdout());
        expected.put("stderr", wanted.stderr());
        expected.put("resize", wanted.tty() && protocol.hasResize());
        expected.values().removeIf(is -> !is);
        Map<String, SpdyStream> streams = new ConcurrentHashMap<>();
        AtomicBoolean started = new AtomicBoolean();
        SpdyConnection connection =
                new SpdyConnection(
                        channel(),
                        stream -> {
                            streams.put(stream.header("streamtype"), stream);
                            if (streams.keySet().containsAll(expected.keySet())
                                    && started.compareAndSet(false, true)) {
                                run.accept(streams(streams, protocol));
                            }
                        },
                        () -> {});
        context.pipeline().addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1), connection);
    }

    private RemoteStreams streams(Map<String, SpdyStream> streams, StreamProtocol protocol) {
        SpdyStream stdin = streams.get("stdin");
        SpdyStream stdout = streams.get("stdout");
        SpdyStream stderr = streams.get("stderr");
        SpdyStream resize = streams.get("resize");
        SpdyStream error = streams.get("error");
        if (error == null) {
            throw new IllegalStateException("no error stream");
        }
        return new RemoteStreams(
                stdin == null ? null : stdin.input(),
                stdout == null ? null : stdout.output(),
                stderr == null ? null : stderr.output(),
                error.output(),
                resize == null ? null : resize.input(),
                protocol.hasStatusObject(),
                () ->
                        channel()
                                .writeAndFlush(new DefaultSpdyGoAwayFrame(error.id()))
                                .addListener(ChannelFutureListener.CLOSE));
    }

    // -- handshakes

    private List<String> protocols() {
        return request.headers().getAll(PROTOCOLS).stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .toList();
    }

    private void acceptSpdy(String protocol) {
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers().set("Connection", "Upgrade").set("Upgrade", "SPDY/3.1");
        if (!protocol.isEmpty()) {
            response.headers().set(PROTOCOLS, protocol);
        }
        var _ = context.writeAndFlush(response);
        ChannelPipeline pipeline = context.pipeline();
        pipeline.remove(HttpObjectAggregator.class);
        pipeline.remove(HttpServerCodec.class);
        pipeline.remove(KubeletHandler.class);
    }

    private void refuseProtocols(String accepted) {
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.FORBIDDEN);
        response.headers()
                .set("X-Accepted-Stream-Protocol-Versions", accepted)
                .set("Content-Length", 0);
        var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    /** The protocol that was agreed on, empty when none was asked for or the handshake failed. */
    private Optional<String> handshake(String protocols) {
        WebSocketServerHandshaker handshaker =
                new WebSocketServerHandshakerFactory("/", protocols, false, LARGEST_MESSAGE)
                        .newHandshaker(request);
        if (handshaker == null) {
            var _ = WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(channel());
            return Optional.empty();
        }
        try {
            var _ = handshaker.handshake(channel(), request);
        } catch (RuntimeException e) {
            log.debug("no handshake: {}", e.toString());
            var _ = channel().close();
            return Optional.empty();
        }
        ChannelPipeline pipeline = context.pipeline();
        pipeline.remove(KubeletHandler.class);
        pipeline.addLast(new WebSocketFrameAggregator(LARGEST_MESSAGE));
        return Optional.of(
                handshaker.selectedSubprotocol() == null ? "" : handshaker.selectedSubprotocol());
    }

    private Channel channel() {
        return context.channel();
    }
}
