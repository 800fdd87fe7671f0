package dev.coracle.forwarder;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A TCP listener whose connections are relayed to backends. */
final class TcpPort implements ForwardedPort {

    private final NetworkNamespace dial;
    private final BackendChooser backends;
    private final ForwarderOptions options;
    private final Connections connections = new Connections();
    private volatile @Nullable ServerSocketChannel listener;

    TcpPort(NetworkNamespace dial, BackendChooser backends, ForwarderOptions options) {
        this.dial = dial;
        this.backends = backends;
        this.options = options;
    }

    static ChannelFactory<ServerChannel> serverFactory(
            ChannelFactory<? extends ServerSocketChannel> listeners) {
        return listeners::newChannel;
    }

    void opened(ServerSocketChannel channel) {
        listener = channel;
    }

    ChannelHandler acceptor() {
        return new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel client) {
                client.pipeline().addLast(new Dialling(client));
            }
        };
    }

    @Override
    public InetSocketAddress address() {
        return Objects.requireNonNull(listener, "not open").localAddress();
    }

    @Override
    public Map<InetSocketAddress, Integer> activeConnections() {
        return connections.active();
    }

    @Override
    public long forwarded() {
        return connections.forwarded();
    }

    @Override
    public long refused() {
        return connections.refused();
    }

    @Override
    public void dropConnections(Predicate<InetSocketAddress> backend) {
        connections.forEach((channel, address) -> {
            if (backend.test(address)) {
                Relay.reset(channel);
            }
        });
    }

    @Override
    public void stopAccepting() {
        ServerSocketChannel channel = listener;
        if (channel != null) {
            channel.close().awaitUninterruptibly(1000);
        }
    }

    @Override
    public void close() {
        stopAccepting();
        dropConnections(_ -> true);
    }

    /**
     * A client that waits while its candidates are dialled one after another. It is not read, but a
     * client that has already sent its end is read by the transport itself: that is kept.
     */
    private final class Dialling extends ChannelInboundHandlerAdapter {
        private final SocketChannel client;
        private final Queue<Object> early = new ArrayDeque<>();
        private boolean ended;

        Dialling(SocketChannel client) {
            this.client = client;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Iterator<InetSocketAddress> candidates =
                    backends.candidates(client.remoteAddress()).stream()
                            .limit(options.maximumAttempts())
                            .iterator();
            dialNext(candidates);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            early.add(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                ended = true;
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            early.forEach(ReferenceCountUtil::release);
            early.clear();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            Relay.reset(client);
        }

        private void dialNext(Iterator<InetSocketAddress> candidates) {
            if (!client.isActive()) {
                return;
            }
            if (!candidates.hasNext()) {
                connections.refuse();
                Relay.reset(client);
                return;
            }
            InetSocketAddress backend = candidates.next();
            ChannelFuture connect =
                    new Bootstrap()
                            .group(client.eventLoop())
                            .channelFactory(() -> dial.connections().newChannel())
                            .option(ChannelOption.AUTO_READ, false)
                            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                            .option(ChannelOption.TCP_NODELAY, true)
                            .option(
                                    ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                    (int) options.connectTimeout().toMillis())
                            .handler(new ChannelInboundHandlerAdapter())
                            .connect(backend);
            connect.addListener(_ -> {
                if (connect.isSuccess()) {
                    join((SocketChannel) connect.channel(), backend);
                } else {
                    dialNext(candidates);
                }
            });
        }

        private void join(SocketChannel upstream, InetSocketAddress backend) {
            if (!client.isActive()) {
                Relay.reset(upstream);
                return;
            }
            connections.add(upstream, backend);
            upstream.pipeline().addLast(new Relay(client));
            client.pipeline().replace(this, "relay", new Relay(upstream));
            upstream.config().setAutoRead(true);
            replay();
            if (!ended) {
                client.config().setAutoRead(true);
            }
        }

        private void replay() {
            early.forEach(client.pipeline()::fireChannelRead);
            early.clear();
            client.pipeline().fireChannelReadComplete();
            if (ended) {
                client.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        }
    }
}
