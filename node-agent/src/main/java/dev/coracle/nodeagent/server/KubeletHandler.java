package dev.coracle.nodeagent.server;

import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.server.NodePods.NodePod;
import dev.coracle.nodeagent.server.StreamUpgrade.Wanted;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the kubelet API, as long as it speaks HTTP. Confined to its event loop. */
final class KubeletHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger log = LoggerFactory.getLogger(KubeletHandler.class);

    private final NodePods pods;
    private final KubeletPages pages;
    private final KubeletAccess access;
    private final InstantSource clock;

    KubeletHandler(NodePods pods, KubeletPages pages, KubeletAccess access, InstantSource clock) {
        this.pods = pods;
        this.pages = pages;
        this.access = access;
        this.clock = clock;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        String path = new QueryStringDecoder(request.uri()).path();
        String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        X509Certificate certificate = certificate(context);
        request.retain();
        Thread _ =
                Thread.ofVirtual()
                        .name("kubelet-access")
                        .start(() -> {
                            KubeletAccess.Decision decision =
                                    access.decide(
                                            certificate,
                                            authorization,
                                            request.method().name(),
                                            path);
                            context.executor()
                                    .execute(() -> {
                                        try {
                                            decided(context, request, decision);
                                        } finally {
                                            request.release();
                                        }
                                    });
                        });
    }

    private static @Nullable X509Certificate certificate(ChannelHandlerContext context) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        try {
            return tls == null
                    ? null
                    : (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException _) {
            return null;
        }
    }

    private void decided(
            ChannelHandlerContext context,
            FullHttpRequest request,
            KubeletAccess.Decision decision) {
        switch (decision) {
            case KubeletAccess.Decision.Unauthenticated() ->
                    answer(context.channel(), request, Reply.text(401, "Unauthorized"));
            case KubeletAccess.Decision.Forbidden(String message) ->
                    answer(context.channel(), request, Reply.text(403, message));
            case KubeletAccess.Decision.Allowed() -> serve(context, request);
        }
    }

    private void serve(ChannelHandlerContext context, FullHttpRequest request) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        List<String> parts = new ArrayList<>(List.of(uri.path().substring(1).split("/", -1)));
        Supplier<Reply> page = pages.find(uri.path());
        if (page != null) {
            apart(context.channel(), request, page);
            return;
        }
        Map<String, List<String>> query = uri.parameters();
        switch (parts.getFirst()) {
            case "containerLogs" -> apart(context.channel(), request, () -> logs(parts, query));
            case "exec", "attach" -> command(context, request, parts, query);
            case "portForward" -> portForward(context, request, parts, query);
            default -> answer(context.channel(), request, Reply.text(404, "404 page not found\n"));
        }
    }

    private Reply logs(List<String> parts, Map<String, List<String>> query) {
        if (parts.size() != 4) {
            return Reply.text(404, "404 page not found\n");
        }
        String name = parts.get(3);
        Optional<NodePod> found = pods.find(parts.get(1), parts.get(2));
        if (found.isEmpty()) {
            return Reply.text(404, "pod \"" + parts.get(2) + "\" not found\n");
        }
        try {
            LogQuery asked = LogQuery.of(query, clock);
            return switch (LogChoice.of(found.get(), name, asked.previous())) {
                case LogChoice.Choice.None(String why) -> Reply.text(400, why);
                case LogChoice.Choice.Found(Path file) ->
                        new Reply.Stream(out ->
                                new ContainerLog(file, asked)
                                        .send(
                                                out,
                                                () ->
                                                        LogChoice.isOver(
                                                                pods.find(
                                                                                parts.get(1),
                                                                                parts.get(2))
                                                                        .orElse(null),
                                                                name,
                                                                file)));
            };
        } catch (IllegalArgumentException e) {
            return Reply.text(400, e.getMessage() + "\n");
        }
    }

    private void command(
            ChannelHandlerContext context,
            FullHttpRequest request,
            List<String> parts,
            Map<String, List<String>> query) {
        // a UID may stand before the container
        if (parts.size() != 4 && parts.size() != 5) {
            answer(context.channel(), request, Reply.text(404, "404 page not found\n"));
            return;
        }
        String name = parts.getLast();
        Optional<NodePod> found = pods.find(parts.get(1), parts.get(2));
        if (found.isEmpty()) {
            answer(context.channel(), request, Reply.text(404, "pod does not exist\n"));
            return;
        }
        RunningContainer container = found.get().running().get(name);
        if (container == null) {
            answer(
                    context.channel(),
                    request,
                    Reply.text(500, "container not found (\"" + name + "\")\n"));
            return;
        }
        boolean tty = flag(query, "tty");
        Wanted wanted =
                new Wanted(
                        flag(query, "input"),
                        flag(query, "output"),
                        flag(query, "error") && !tty,
                        tty);
        List<String> words = query.getOrDefault("command", List.of());
        boolean exec = parts.getFirst().equals("exec");
        if (!wanted.stdin() && !wanted.stdout() && !wanted.stderr()) {
            answer(
                    context.channel(),
                    request,
                    Reply.text(400, "you must specify at least 1 of stdin, stdout, stderr\n"));
        } else if (exec && words.isEmpty()) {
            answer(context.channel(), request, Reply.text(400, "you must specify a command\n"));
        } else if (!StreamUpgrade.isAskedFor(request)) {
            answer(context.channel(), request, Reply.text(400, "Upgrade request required\n"));
        } else {
            new StreamUpgrade(context, request)
                    .command(
                            wanted,
                            streams -> {
                                if (exec) {
                                    RemoteCommand.exec(container, words, tty, streams);
                                } else {
                                    RemoteCommand.attach(container, streams);
                                }
                            });
        }
    }

    private void portForward(
            ChannelHandlerContext context,
            FullHttpRequest request,
            List<String> parts,
            Map<String, List<String>> query) {
        Optional<NodePod> found =
                parts.size() < 3 ? Optional.empty() : pods.find(parts.get(1), parts.get(2));
        List<String> ports =
                query.getOrDefault("port", query.getOrDefault("ports", List.of())).stream()
                        .flatMap(each -> List.of(each.split(",", -1)).stream())
                        .toList();
        if (found.isEmpty()) {
            answer(context.channel(), request, Reply.text(404, "pod does not exist\n"));
        } else if (!StreamUpgrade.isAskedFor(request)) {
            answer(context.channel(), request, Reply.text(400, "Upgrade request required\n"));
        } else if (ports.stream().anyMatch(port -> !port.matches("[1-9]\\d{0,4}"))) {
            answer(
                    context.channel(),
                    request,
                    Reply.text(400, "query parameter \"port\" is not a port: " + ports + "\n"));
        } else {
            NodePod pod = found.get();
            new StreamUpgrade(context, request)
                    .portForward(
                            ports.stream().map(Integer::valueOf).toList(),
                            new PortForward(
                                    pod.pod().getMetadata().getUid(), pod.network(), address(pod)));
        }
    }

    private static String address(NodePod pod) {
        var status = pod.pod().getStatus();
        return status == null || status.getPodIP() == null ? "127.0.0.1" : status.getPodIP();
    }

    private static boolean flag(Map<String, List<String>> query, String name) {
        String value = query.getOrDefault(name, List.of("false")).getFirst();
        return value.equals("1") || value.equals("true");
    }

    /** Makes an answer on a thread of its own. */
    private static void apart(Channel channel, FullHttpRequest request, Supplier<Reply> reply) {
        request.retain();
        Thread _ =
                Thread.ofVirtual()
                        .name("kubelet-api")
                        .start(() -> {
                            try {
                                answer(channel, request, reply.get());
                            } catch (RuntimeException e) {
                                log.warn("{} fails", request.uri(), e);
                                answer(channel, request, Reply.text(500, e.getMessage() + "\n"));
                            } finally {
                                request.release();
                            }
                        });
    }

    private static void answer(Channel channel, FullHttpRequest request, Reply reply) {
        switch (reply) {
            case Reply.Page(int code, String type, byte[] body) -> {
                DefaultFullHttpResponse response =
                        new DefaultFullHttpResponse(
                                HttpVersion.HTTP_1_1,
                                HttpResponseStatus.valueOf(code),
                                Unpooled.wrappedBuffer(body));
                response.headers()
                        .set(HttpHeaderNames.CONTENT_TYPE, type)
                        .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
                boolean keep = HttpUtil.isKeepAlive(request);
                HttpUtil.setKeepAlive(response, keep);
                var written = channel.writeAndFlush(response);
                if (!keep) {
                    var _ = written.addListener(ChannelFutureListener.CLOSE);
                }
            }
            case Reply.Stream(Reply.Writer writer) -> stream(channel, writer);
        }
    }

    private static void stream(Channel channel, Reply.Writer writer) {
        DefaultHttpResponse response =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                .set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
        var _ = channel.writeAndFlush(response);
        try (OutputStream out =
                new java.io.BufferedOutputStream(
                        new FrameOutput(
                                channel,
                                bytes -> new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)),
                                null),
                        16 * 1024)) {
            writer.write(out);
        } catch (IOException e) {
            log.debug("a log is not sent to its end: {}", e.toString());
            var _ = channel.close();
            return;
        }
        var _ = channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("kubelet API: {}", cause.toString());
        var _ = context.close();
    }
}
