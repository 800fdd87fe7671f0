package dev.coracle.forwarder;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The forwarding engine: event loops shared by any number of forwarded ports.
 *
 * <p>Thread-safe. TCP: half-close is relayed, a full peer stops the reading of the other, a failed
 * connect goes to the next candidate, and with none left the client gets a reset. UDP: one session
 * per client address, kept until idle; all datagrams of a session go to one backend.
 */
public final class Forwarder implements AutoCloseable {

    private final ForwarderOptions options;
    private final EventLoopGroup loops;

    private Forwarder(ForwarderOptions options) {
        this.options = options;
        this.loops =
                new MultiThreadIoEventLoopGroup(
                        options.threads(),
                        new DefaultThreadFactory("forwarder", true),
                        EpollIoHandler.newFactory());
    }

    public static Forwarder create(ForwarderOptions options) {
        return new Forwarder(options);
    }

    /**
     * Listens for TCP at {@code address} in {@code listen} and dials from {@code dial}.
     *
     * @throws IOException if the address cannot be bound; names the address and the namespace
     */
    public ForwardedPort listenTcp(
            NetworkNamespace listen,
            InetSocketAddress address,
            NetworkNamespace dial,
            BackendChooser backends)
            throws IOException {
        TcpPort port = new TcpPort(dial, backends, options);
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loops)
                        .channelFactory(TcpPort.serverFactory(listen.listeners()))
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(EpollChannelOption.IP_FREEBIND, true)
                        .option(EpollChannelOption.SO_REUSEPORT, options.sharesPorts())
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(port.acceptor());
        port.opened((ServerSocketChannel) bound(bootstrap.bind(address), address, listen));
        return port;
    }

    /** As {@link #listenTcp}, for UDP. */
    public ForwardedPort listenUdp(
            NetworkNamespace listen,
            InetSocketAddress address,
            NetworkNamespace dial,
            BackendChooser backends)
            throws IOException {
        UdpPort port = new UdpPort(dial, backends, options);
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loops)
                        .channelFactory(() -> listen.datagrams().newChannel())
                        .option(EpollChannelOption.IP_FREEBIND, true)
                        .option(EpollChannelOption.SO_REUSEPORT, options.sharesPorts())
                        .handler(port.receiver());
        port.opened((DatagramChannel) bound(bootstrap.bind(address), address, listen));
        return port;
    }

    /** Ends the event loops and with them every port. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3000);
    }

    private static Channel bound(
            ChannelFuture bind, InetSocketAddress address, NetworkNamespace listen)
            throws IOException {
        bind.awaitUninterruptibly();
        Throwable cause = bind.cause();
        if (cause != null) {
            throw new IOException(
                    "cannot listen on "
                            + address.getAddress().getHostAddress()
                            + ":"
                            + address.getPort()
                            + " in "
                            + listen
                            + ": "
                            + cause.getMessage(),
                    cause);
        }
        return bind.channel();
    }
}
