package dev.coracle.forwarder;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A UDP listener that keeps one backend per client address until the pair falls silent. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close has nothing left to tell
final class UdpPort implements ForwardedPort {

    private final NetworkNamespace dial;
    private final BackendChooser backends;
    private final ForwarderOptions options;
    private final Connections connections = new Connections();
    // confined to the listener's event loop, which serves the sessions too
    private final Map<InetSocketAddress, Session> sessions = new HashMap<>();
    private volatile @Nullable DatagramChannel listener;

    UdpPort(NetworkNamespace dial, BackendChooser backends, ForwarderOptions options) {
        this.dial = dial;
        this.backends = backends;
        this.options = options;
    }

    void opened(DatagramChannel channel) {
        listener = channel;
    }

    ChannelHandler receiver() {
        return new SimpleChannelInboundHandler<DatagramPacket>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                Session session = session(ctx.channel(), packet.sender());
                if (session == null) {
                    connections.refuse();
                } else {
                    session.send(packet.content().retain());
                }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // an ICMP error for an earlier answer: the client has gone, its session will idle
                // out
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
                channel.close();
            }
        });
    }

    @Override
    public void stopAccepting() {
        DatagramChannel channel = listener;
        if (channel != null) {
            channel.close().awaitUninterruptibly(1000);
        }
    }

    @Override
    public void close() {
        stopAccepting();
        dropConnections(_ -> true);
    }

    private @Nullable Session session(Channel front, InetSocketAddress client) {
        Session known = sessions.get(client);
        if (known != null) {
            return known;
        }
        List<InetSocketAddress> candidates = backends.candidates(client);
        if (candidates.isEmpty()) {
            return null;
        }
        Session session = new Session(front, client, candidates.getFirst());
        sessions.put(client, session);
        return session;
    }

    /** One client and its backend; answers leave by the listener. */
    private final class Session extends SimpleChannelInboundHandler<DatagramPacket> {
        private final Channel front;
        private final InetSocketAddress client;
        private final ChannelFuture connected;
        private boolean active = true;

        Session(Channel front, InetSocketAddress client, InetSocketAddress backend) {
            this.front = front;
            this.client = client;
            this.connected =
                    new Bootstrap()
                            .group(front.eventLoop())
                            .channelFactory(() -> dial.datagrams().newChannel())
                            .handler(this)
                            .connect(backend);
            Channel upstream = connected.channel();
            connections.add(upstream, backend);
            upstream.closeFuture().addListener(_ -> sessions.remove(client, this));
            expireWhenIdle();
        }

        /** Takes over the buffer. */
        void send(ByteBuf content) {
            active = true;
            if (connected.isDone()) {
                connected.channel().writeAndFlush(content);
            } else {
                connected.addListener(_ -> {
                    if (connected.isSuccess()) {
                        connected.channel().writeAndFlush(content);
                    } else {
                        content.release();
                        connected.channel().close();
                    }
                });
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            active = true;
            front.writeAndFlush(new DatagramPacket(packet.content().retain(), client));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // port unreachable: the next datagram of this client asks for a backend again
            ctx.close();
        }

        /** Looks twice per idle timeout whether anything passed since the last look. */
        private void expireWhenIdle() {
            long half = Math.max(1, options.udpIdleTimeout().toMillis() / 2);
            front.eventLoop().schedule(() -> look(half, 0), half, TimeUnit.MILLISECONDS);
        }

        private void look(long half, int quietLooks) {
            Channel upstream = connected.channel();
            if (!upstream.isOpen()) {
                return;
            }
            int quiet = active ? 0 : quietLooks + 1;
            active = false;
            if (quiet >= 2 || !front.isOpen()) {
                upstream.close();
                return;
            }
            front.eventLoop().schedule(() -> look(half, quiet), half, TimeUnit.MILLISECONDS);
        }
    }
}
