package dev.coracle.nodeagent.server;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbered channels over WebSocket messages, the number being the first byte; in the base64
 * protocols a message is text, the number a digit, the rest encoded. Version 5 has a channel that
 * says that another one ends.
 */
final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {

    private static final Logger log = LoggerFactory.getLogger(WebSocketChannels.class);
    private static final int CLOSE = 255;

    private final Channel channel;
    private final boolean base64;
    private final ReadThrottle throttle;
    private final Runnable onClose;
    private final Map<Integer, InboundPipe> inputs = new ConcurrentHashMap<>();

    WebSocketChannels(Channel channel, boolean base64, Runnable onClose) {
        this.channel = channel;
        this.base64 = base64;
        this.throttle = new ReadThrottle(channel);
        this.onClose = onClose;
    }

    /** What the client sends on a channel; to be asked for before the handler is added. */
    InboundPipe input(int number) {
        return inputs.computeIfAbsent(number, _ -> new InboundPipe(throttle));
    }

    OutputStream output(int number) {
        return new FrameOutput(channel, bytes -> frame(number, bytes), null);
    }

    /** An empty message on a channel, which tells the client that the server is there. */
    void greet(int number) {
        var _ = channel.writeAndFlush(frame(number, new byte[0]));
    }

    /** Says goodbye and closes the connection. */
    void finish() {
        var _ =
                channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                        .addListener(ChannelFutureListener.CLOSE);
    }

    private WebSocketFrame frame(int number, byte[] bytes) {
        return base64
                ? new TextWebSocketFrame(number + Base64.getEncoder().encodeToString(bytes))
                : new BinaryWebSocketFrame(
                        Unpooled.wrappedBuffer(new byte[] {(byte) number}, bytes));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        switch (frame) {
            case PingWebSocketFrame ping -> {
                var _ = context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
            }
            case CloseWebSocketFrame close -> {
                var _ =
                        context.writeAndFlush(close.retain())
                                .addListener(ChannelFutureListener.CLOSE);
            }
            case PongWebSocketFrame _ -> log.trace("pong");
            default -> message(ByteBufUtil.getBytes(frame.content()));
        }
    }

    private void message(byte[] message) {
        if (message.length == 0) {
            return;
        }
        int number = message[0] & 0xff;
        byte[] rest = Arrays.copyOfRange(message, 1, message.length);
        if (base64) {
            number -= '0';
            try {
                rest = Base64.getDecoder().decode(new String(rest, StandardCharsets.US_ASCII));
            } catch (IllegalArgumentException _) {
                var _ = channel.close();
                return;
            }
        }
        if (number == CLOSE && rest.length > 0) {
            InboundPipe ended = inputs.get(rest[0] & 0xff);
            if (ended != null) {
                ended.end();
            }
            return;
        }
        InboundPipe input = inputs.get(number);
        if (input != null) {
            input.add(rest);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        inputs.values().forEach(InboundPipe::end);
        onClose.run();
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("WebSocket connection: {}", cause.toString());
        var _ = context.close();
    }
}
