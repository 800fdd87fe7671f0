package dev.coracle.dns.server;

import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.datagram.BatchSocket;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.wire.Edns;
import dev.coracle.dns.wire.MalformedMessageException;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.MessageDecoder;
import dev.coracle.dns.wire.MessageEncoder;
import dev.coracle.fabric.netns.NetworkNamespace;
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
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
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
    private static final int MOST_UNANSWERED = 5000;

    private final Chain chain;
    private final Zone zone;
    private final BooleanSupplier ready;
    private final DnsMetrics metrics;
    private final ResponseLimit limit;
    private final int threads;
    private final EventLoopGroup loops;
    private final Semaphore slots = new Semaphore(MOST_UNANSWERED);
    private final List<UdpListener> udp = new CopyOnWriteArrayList<>();
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
            // one socket for each thread; the kernel spreads clients
            BatchSocket socket =
                    BatchSocket.bind(
                            namespace,
                            common,
                            PACKETS_AT_ONCE,
                            QuickAnswers.LONGEST_QUERY,
                            UdpListener.PATIENCE);
            udp.add(UdpListener.start(socket, this, new QuickAnswers(zone)));
        }
        return common;
    }

    @Override
    public void close() {
        answering.shutdownNow();
        udp.forEach(UdpListener::close);
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
    void answer(byte[] octets, boolean udp, Object client, Consumer<byte[]> reply) {
        if (answering.isShutdown() || !slots.tryAcquire()) {
            return;
        }
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

    DnsMetrics metrics() {
        return metrics;
    }

    ResponseLimit limit() {
        return limit;
    }

    private static void send(ChannelHandlerContext context, Object response) {
        var _ = context.writeAndFlush(response, context.voidPromise());
    }

    boolean isQuick() {
        return ready.getAsBoolean() && !log.isDebugEnabled();
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
            int end = frame.readableBytes();
            frame.getBytes(
                    frame.readerIndex(), quick.query(), 0, Math.min(end, quick.query().length));
            if (isQuick() && quick.answer(end, TCP_LIMIT)) {
                ByteBuf response = context.alloc().directBuffer(2 + quick.length());
                response.writeShort(quick.length()).writeBytes(quick.response(), 0, quick.length());
                metrics.answered(false, quick.type(), quick.code(), System.nanoTime() - begin);
                send(context, response);
                return;
            }
            answer(
                    ByteBufUtil.getBytes(frame),
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
