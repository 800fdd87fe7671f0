package dev.coracle.dns.server;

import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.metrics.DnsMetrics;
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
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollChannelOption;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens by UDP and TCP on one address of a network namespace. */
public final class DnsServer implements AutoCloseable {

    static final int PLAIN_UDP_LIMIT = 512;

    private static final Logger log = LoggerFactory.getLogger(DnsServer.class);
    private static final int TCP_LIMIT = 65535;
    private static final int IDLE_SECONDS = 10;
    private static final int FORMAT_ERROR = 1;
    private static final int PACKETS_AT_ONCE = 40;
    private static final int SMALL_RESPONSE = 256;
    private static final int LARGEST_QUERY = 1536;
    private static final int MOST_UNANSWERED = 5000;

    private final Chain chain;
    private final Zone zone;
    private final BooleanSupplier ready;
    private final DnsMetrics metrics;
    private final ResponseLimit limit;
    private final int threads;
    private final EventLoopGroup loops;
    private final Semaphore slots = new Semaphore(MOST_UNANSWERED);
    private final ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * A server that does not listen yet.
     *
     * @param zone answered from without the chain, once {@code ready}
     * @param responsesPerSecond by UDP to one network; 0 is no limit
     * @param threads each with a UDP socket of its own
     */
    public DnsServer(
            Chain chain,
            Zone zone,
            BooleanSupplier ready,
            DnsMetrics metrics,
            int responsesPerSecond,
            int threads) {
        this.chain = chain;
        this.zone = zone;
        this.ready = ready;
        this.metrics = metrics;
        this.limit = new ResponseLimit(responsesPerSecond);
        this.threads = threads;
        this.loops =
                new MultiThreadIoEventLoopGroup(
                        threads,
                        new DefaultThreadFactory("dns", true),
                        EpollIoHandler.newFactory());
    }

    /**
     * Opens all listeners and returns the address they have in common.
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
        for (int i = 0; i < threads; i++) {
            Channel _ =
                    bound(
                            new Bootstrap()
                                    .group(loops)
                                    .channelFactory(namespace.datagrams())
                                    // one socket for each thread; the kernel spreads clients
                                    .option(EpollChannelOption.SO_REUSEPORT, true)
                                    .option(
                                            EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE,
                                            LARGEST_QUERY)
                                    .option(
                                            ChannelOption.RECVBUF_ALLOCATOR,
                                            new FixedRecvByteBufAllocator(
                                                    LARGEST_QUERY * PACKETS_AT_ONCE))
                                    .option(ChannelOption.SO_RCVBUF, 1 << 20)
                                    .handler(new UdpHandler())
                                    .bind(common),
                            common,
                            namespace);
        }
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
    private Optional<byte[]> respond(byte[] octets, boolean udp, Object client) {
        long begin = System.nanoTime();
        Message query;
        try {
            query = MessageDecoder.decode(octets);
        } catch (MalformedMessageException e) {
            log.debug("client={} malformed query: {}", client, e.getMessage());
            metrics.answered(udp, 0, FORMAT_ERROR, System.nanoTime() - begin);
            return formatError(octets);
        }
        if (query.isResponse()) {
            return Optional.empty();
        }
        Message response = chain.respond(query);
        if (log.isDebugEnabled()) {
            query.questions()
                    .forEach(question ->
                            log.debug(
                                    "client={} name={} type={} code={} why={}",
                                    client,
                                    question.name(),
                                    question.type(),
                                    response.responseCode(),
                                    chain.explain(question)));
        }
        int type = query.questions().isEmpty() ? 0 : query.questions().getFirst().type();
        metrics.answered(udp, type, response.responseCode(), System.nanoTime() - begin);
        return Optional.of(MessageEncoder.encode(response, limit(query, udp)));
    }

    private static int limit(Message query, boolean udp) {
        Edns edns = query.edns();
        if (!udp) {
            return TCP_LIMIT;
        }
        return edns == null
                ? PLAIN_UDP_LIMIT
                : Math.clamp(edns.udpPayload(), PLAIN_UDP_LIMIT, Edns.UDP_PAYLOAD);
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

    /** By the chain, on a thread that may wait; too many that wait are not answered. */
    private void answer(ByteBuf query, boolean udp, Object client, Consumer<byte[]> reply) {
        if (answering.isShutdown() || !slots.tryAcquire()) {
            return;
        }
        byte[] octets = ByteBufUtil.getBytes(query);
        answering.execute(() -> {
            try {
                respond(octets, udp, client).ifPresent(reply);
            } catch (RuntimeException e) {
                metrics.failed();
                log.error("a query was not answered", e);
            } finally {
                slots.release();
            }
        });
    }

    private static void send(ChannelHandlerContext context, Object response) {
        var _ = context.writeAndFlush(response, context.voidPromise());
    }

    private boolean isQuick() {
        return ready.getAsBoolean() && !log.isDebugEnabled();
    }

    /** One per socket: answers at once what it can, all that came together with one call. */
    private final class UdpHandler extends ChannelInboundHandlerAdapter {
        private final QuickAnswers quick = new QuickAnswers(zone);

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            try {
                read(context, packet);
            } finally {
                packet.release();
            }
        }

        private void read(ChannelHandlerContext context, DatagramPacket packet) {
            long begin = System.nanoTime();
            InetSocketAddress client = packet.sender();
            switch (limit.take(client, begin / 1_000_000_000)) {
                case SEND -> {}
                case DROP -> {
                    metrics.limited();
                    return;
                }
                case CUT -> {
                    metrics.limited();
                    cut(context, packet.content(), client);
                    return;
                }
            }
            ByteBuf query = packet.content();
            ByteBuf response = context.alloc().directBuffer(SMALL_RESPONSE, Edns.UDP_PAYLOAD);
            int most =
                    query.readableBytes() > 11 && query.getByte(query.readerIndex() + 11) != 0
                            ? Edns.UDP_PAYLOAD
                            : PLAIN_UDP_LIMIT;
            if (isQuick() && quick.answer(query, most, response)) {
                metrics.answered(true, quick.type(), quick.code(), System.nanoTime() - begin);
                var _ = context.write(new DatagramPacket(response, client), context.voidPromise());
                return;
            }
            response.release();
            answer(
                    query,
                    true,
                    client,
                    octets ->
                            send(
                                    context,
                                    new DatagramPacket(Unpooled.wrappedBuffer(octets), client)));
        }

        /** The query as its own response, without records and with the TC bit. */
        private void cut(ChannelHandlerContext context, ByteBuf query, InetSocketAddress client) {
            if (query.readableBytes() < 12 || query.getByte(query.readerIndex() + 2) < 0) {
                return;
            }
            byte[] header = new byte[12];
            query.getBytes(query.readerIndex(), header, 0, 4);
            header[2] |= (byte) 0x82;
            header[3] = (byte) 0x80;
            send(context, new DatagramPacket(Unpooled.wrappedBuffer(header), client));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
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
        private final QuickAnswers quick = new QuickAnswers(zone);

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
            long begin = System.nanoTime();
            ByteBuf response = context.alloc().directBuffer(PLAIN_UDP_LIMIT);
            response.writeZero(2);
            if (isQuick() && quick.answer(frame, TCP_LIMIT, response)) {
                response.setShort(0, response.readableBytes() - 2);
                metrics.answered(false, quick.type(), quick.code(), System.nanoTime() - begin);
                send(context, response);
                return;
            }
            response.release();
            answer(
                    frame,
                    false,
                    context.channel().remoteAddress(),
                    octets ->
                            send(
                                    context,
                                    Unpooled.wrappedBuffer(
                                            Unpooled.buffer(2).writeShort(octets.length),
                                            Unpooled.wrappedBuffer(octets))));
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
