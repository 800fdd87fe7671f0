package dev.coracle.nodeagent.server;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The socket of the kubelet API, open from {@link #open} to {@link #close()}. */
public final class KubeletServer implements AutoCloseable {

    /** The port every kubelet has. */
    public static final int PORT = 10250;

    private static final int LARGEST_BODY = 64 * 1024;
    private static final WriteBufferWaterMark ROOM =
            new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

    private final EventLoopGroup loops;
    private final Channel channel;

    private KubeletServer(EventLoopGroup loops, Channel channel) {
        this.loops = loops;
        this.channel = channel;
    }

    /**
     * What a node shows.
     *
     * @param configuration the members of {@code /configz}
     * @param access who may see what
     * @param pages further pages by their path; called on a thread of its own
     */
    public record Content(
            NodePods pods,
            Map<String, Object> configuration,
            Map<String, Supplier<Reply>> pages,
            KubeletAccess access) {}

    /**
     * Listens on {@code address} in {@code namespace}.
     *
     * @throws IOException if the port is taken
     */
    public static KubeletServer open(
            NetworkNamespace namespace,
            String address,
            SslContext tls,
            Content content,
            InstantSource clock)
            throws IOException {
        KubeletPages pages =
                new KubeletPages(content.pods(), content.configuration(), content.pages());
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            Channel channel =
                    new ServerBootstrap()
                            .group(loops)
                            .channelFactory(namespace.listeners())
                            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, ROOM)
                            .childHandler(
                                    new ChannelInitializer<SocketChannel>() {
                                        @Override
                                        protected void initChannel(SocketChannel accepted) {
                                            accepted.pipeline()
                                                    .addLast(
                                                            tls.newHandler(accepted.alloc()),
                                                            new HttpServerCodec(
                                                                    64 * 1024, 64 * 1024, 8192),
                                                            new HttpObjectAggregator(LARGEST_BODY),
                                                            new KubeletHandler(
                                                                    content.pods(),
                                                                    pages,
                                                                    content.access(),
                                                                    clock));
                                        }
                                    })
                            .bind(address, PORT)
                            .sync()
                            .channel();
            return new KubeletServer(loops, channel);
        } catch (InterruptedException e) {
            var _ = loops.shutdownGracefully();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (RuntimeException e) {
            var _ = loops.shutdownGracefully();
            throw e;
        }
    }

    @Override
    public void close() {
        var _ = channel.close().awaitUninterruptibly();
        var _ =
                loops.shutdownGracefully(0, 1, TimeUnit.SECONDS)
                        .awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
