package dev.coracle.nodeagent.server;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of a SPDY/3.1 connection as Kubernetes' clients speak it: the client opens
 * streams, neither side keeps to windows (moby/spdystream has none), a close frame is not waited
 * for. Confined to its event loop, but for the streams.
 */
final class SpdyConnection extends SimpleChannelInboundHandler<SpdyFrame> {

    private static final Logger log = LoggerFactory.getLogger(SpdyConnection.class);
    private static final int MOST_STREAMS = 1000;

    private final Channel channel;
    private final ReadThrottle throttle;
    private final Consumer<SpdyStream> onStream;
    private final Runnable onClose;
    private final Map<Integer, SpdyStream> streams = new ConcurrentHashMap<>();

    SpdyConnection(Channel channel, Consumer<SpdyStream> onStream, Runnable onClose) {
        this.channel = channel;
        this.throttle = new ReadThrottle(channel);
        this.onStream = onStream;
        this.onClose = onClose;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, SpdyFrame frame) {
        switch (frame) {
            case SpdySynStreamFrame syn -> open(context, syn);
            case SpdyDataFrame data -> {
                SpdyStream stream = streams.get(data.streamId());
                if (stream != null) {
                    stream.input().add(ByteBufUtil.getBytes(data.content()));
                    if (data.isLast()) {
                        stream.input().end();
                    }
                }
            }
            case SpdyRstStreamFrame reset -> {
                SpdyStream stream = streams.remove(reset.streamId());
                if (stream != null) {
                    stream.input().end();
                }
            }
            case SpdyPingFrame ping -> {
                // the client's have odd numbers; an even one would be an answer
                if (ping.id() % 2 != 0) {
                    var _ = context.writeAndFlush(ping);
                }
            }
            default -> log.trace("SPDY frame {}", frame);
        }
    }

    private void open(ChannelHandlerContext context, SpdySynStreamFrame syn) {
        int id = syn.streamId();
        if (syn.isInvalid() || syn.isTruncated() || streams.size() >= MOST_STREAMS) {
            var _ =
                    context.writeAndFlush(
                            new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM));
            return;
        }
        SpdyStream stream =
                new SpdyStream(
                        id,
                        syn.headers(),
                        new InboundPipe(throttle),
                        new FrameOutput(
                                channel,
                                bytes ->
                                        new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(bytes)),
                                last(id)));
        streams.put(id, stream);
        SpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
        // a block without any header would be sent as no block, which Go's framer cannot read
        reply.headers().set("server", "coracle");
        var _ = context.writeAndFlush(reply);
        if (syn.isLast()) {
            stream.input().end();
        }
        onStream.accept(stream);
    }

    private static SpdyDataFrame last(int id) {
        return new DefaultSpdyDataFrame(id, Unpooled.EMPTY_BUFFER).setLast(true);
    }

    /** The stream is not used any more. */
    void forget(SpdyStream stream) {
        streams.remove(stream.id());
        stream.input().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        streams.values().forEach(stream -> stream.input().end());
        onClose.run();
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("SPDY connection: {}", cause.toString());
        var _ = context.close();
    }
}
