package dev.coracle.dns.server;

import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.wire.Edns;
import dev.coracle.dns.wire.MalformedMessageException;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.MessageDecoder;
import dev.coracle.dns.wire.MessageEncoder;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens by UDP and TCP on one address of a network namespace. */
public final class DnsServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DnsServer.class);
    private static final int PLAIN_UDP_LIMIT = 512;
    private static final int EDNS_UDP_LIMIT = 1232;
    private static final int TCP_LIMIT = 65535;
    private static final int IDLE_SECONDS = 10;
    private static final int FORMAT_ERROR = 1;

    private final Chain chain;
    private final EventLoopGroup loops;
    private final ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor();

    public DnsServer(Chain chain) {
        this.chain = chain;
        this.loops =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("dns", true), EpollIoHandler.newFactory());
    }

    /**
     * Opens both listeners and returns the address they have in common.
     *
     * @throws IOException if an address cannot be bound; names address and namespace
     */
    public InetSocketAddress listen(NetworkNamespace namespace, InetSocketAddress address)
            throws IOException {
        Channel tcp =
                bound(
                        new ServerBootstrap()
                                .group(loops)
                                .channelFactory(namespace.listeners())
                                .option(ChannelOption.SO_REUSEADDR, true)
                                .childHandler(new TcpPipeline())
                                .bind(address),
                        address,
                        namespace);
        InetSocketAddress common = (InetSocketAddress) tcp.localAddress();
        Channel _ =
                bound(
                        new Bootstrap()
                                .group(loops)
                                .channelFactory(namespace.datagrams())
                                .handler(new UdpHandler())
                                .bind(common),
                        common,
                        namespace);
        return common;
    }

    @Override
    public void close() {
        answering.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3000);
    }

    private static Channel bound(
            ChannelFuture bind, InetSocketAddress address, NetworkNamespace namespace)
            throws IOException {
        bind.awaitUninterruptibly();
        Throwable cause = bind.cause();
        if (cause != null) {
            throw new IOException(
                    "cannot listen on " + address + " in " + namespace + ": " + cause.getMessage(),
                    cause);
        }
        return bind.channel();
    }

    /** Empty for what is not a query, or not even a header: it gets no response. */
    private Optional<byte[]> respond(byte[] octets, boolean udp) {
        Message query;
        try {
            query = MessageDecoder.decode(octets);
        } catch (MalformedMessageException e) {
            log.debug("malformed query: {}", e.getMessage());
            return formatError(octets);
        }
        if (query.isResponse()) {
            return Optional.empty();
        }
        return Optional.of(MessageEncoder.encode(chain.respond(query), limit(query, udp)));
    }

    private static int limit(Message query, boolean udp) {
        Edns edns = query.edns();
        if (!udp) {
            return TCP_LIMIT;
        }
        return edns == null
                ? PLAIN_UDP_LIMIT
                : Math.clamp(edns.udpPayload(), PLAIN_UDP_LIMIT, EDNS_UDP_LIMIT);
    }

    private static Optional<byte[]> formatError(byte[] octets) {
        if (octets.length < 12 || (octets[2] & 0x80) != 0) {
            return Optional.empty();
        }
        byte[] header = new byte[12];
        header[0] = octets[0];
        header[1] = octets[1];
        header[2] = (byte) ((octets[2] & 0x79) | 0x80);
        header[3] = FORMAT_ERROR;
        return Optional.of(header);
    }

    private void answer(byte[] octets, boolean udp, java.util.function.Consumer<byte[]> reply) {
        if (answering.isShutdown()) {
            return;
        }
        answering.execute(() -> {
            try {
                respond(octets, udp).ifPresent(reply);
            } catch (RuntimeException e) {
                log.error("a query was not answered", e);
            }
        });
    }

    private static void send(ChannelHandlerContext context, Object response) {
        var _ = context.writeAndFlush(response, context.voidPromise());
    }

    private final class UdpHandler extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            InetSocketAddress client = packet.sender();
            answer(
                    ByteBufUtil.getBytes(packet.content()),
                    true,
                    response ->
                            send(
                                    context,
                                    new DatagramPacket(Unpooled.wrappedBuffer(response), client)));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            log.debug("udp: {}", cause.toString());
        }
    }

    private final class TcpPipeline extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            channel.pipeline()
                    .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
                    .addLast(new LengthFieldBasedFrameDecoder(TCP_LIMIT + 2, 0, 2, 0, 2))
                    .addLast(new TcpHandler());
        }
    }

    private final class TcpHandler extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
            answer(
                    ByteBufUtil.getBytes(frame),
                    false,
                    response ->
                            send(
                                    context,
                                    Unpooled.wrappedBuffer(
                                            Unpooled.buffer(2).writeShort(response.length),
                                            Unpooled.wrappedBuffer(response))));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            var _ = context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }
}
