package dev.coracle.forwarder;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;

/**
 * One direction of a relayed TCP connection: what its channel reads is written to {@code peer}.
 * Both channels live on one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close has nothing left to tell
final class Relay extends ChannelInboundHandlerAdapter {

    private final SocketChannel peer;
    private boolean ended;

    Relay(SocketChannel peer) {
        this.peer = peer;
    }

    /** Closes with a TCP reset instead of an orderly end. */
    static void reset(Channel channel) {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException _) {
            // its event loop has closed it in the meantime
        }
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        peer.write(message)
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        reset(ctx.channel());
                    }
                });
        if (!peer.isWritable()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            peer.config().setAutoRead(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ended = true;
            SocketChannel self = (SocketChannel) ctx.channel();
            peer.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(
                            (ChannelFutureListener)
                                    _ ->
                                            peer.shutdownOutput()
                                                    .addListener(_ -> closeIfDone(self, peer)));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (ended) {
            peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            // without an orderly end: reset, so that what was cut off is not taken for whole
            reset(peer);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        reset(ctx.channel());
        reset(peer);
    }

    private static void closeIfDone(SocketChannel one, SocketChannel other) {
        if (one.isInputShutdown() && other.isInputShutdown()) {
            one.close();
            other.close();
        }
    }
}
