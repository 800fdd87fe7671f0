package dev.coracle.dns.server;

import dev.coracle.dns.datagram.BatchSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one UDP socket on one thread: what can be answered at once is answered together with all
 * that came together with it, and nothing is made for it; the rest goes to the chain.
 */
final class UdpListener implements AutoCloseable {

    /** How long it takes at most to be closed. */
    static final Duration PATIENCE = Duration.ofMillis(250);

    private static final Logger log = LoggerFactory.getLogger(UdpListener.class);
    private static final int HEADER = 12;

    private final BatchSocket socket;
    private final DnsServer server;
    private final QuickAnswers quick;
    private final byte[] address = new byte[16];
    private final byte[] header = new byte[HEADER];
    private final Thread thread;
    private volatile boolean closed;

    private UdpListener(BatchSocket socket, DnsServer server, QuickAnswers quick) {
        this.socket = socket;
        this.server = server;
        this.quick = quick;
        this.thread = Thread.ofPlatform().daemon().name("dns-udp").unstarted(this::serve);
    }

    /** Takes over the socket. */
    static UdpListener start(BatchSocket socket, DnsServer server, QuickAnswers quick) {
        UdpListener listener = new UdpListener(socket, server, quick);
        listener.thread.start();
        return listener;
    }

    private void serve() {
        try (socket) {
            while (!closed) {
                int count = receive();
                for (int i = 0; i < count; i++) {
                    tryToAnswer(i);
                }
                socket.flush();
            }
        }
    }

    /** None after an error; the kernel may be able to give some later. */
    private int receive() {
        try {
            return socket.receive();
        } catch (IOException e) {
            server.metrics().failed();
            log.error("cannot receive from a UDP socket, trying again: {}", e.getMessage());
            LockSupport.parkNanos(PATIENCE.toNanos());
            return 0;
        }
    }

    private void tryToAnswer(int index) {
        try {
            answer(index);
        } catch (RuntimeException e) {
            server.metrics().failed();
            log.error("a query was not answered", e);
        }
    }

    private void answer(int index) {
        long begin = System.nanoTime();
        int length = socket.copySenderTo(index, address);
        int end = socket.copyTo(index, quick.query());
        switch (server.limit().take(address, length, begin / 1_000_000_000)) {
            case SEND -> {}
            case DROP -> {
                server.metrics().limited();
                return;
            }
            case CUT -> {
                server.metrics().limited();
                cut(index, end);
                return;
            }
        }
        if (server.isQuick() && quick.answer(end, quick.mostByUdp(end))) {
            socket.reply(index, quick.response(), quick.length());
            server.metrics().answered(true, quick.type(), quick.code(), System.nanoTime() - begin);
            return;
        }
        InetSocketAddress client = socket.senderOf(index);
        server.answer(
                Arrays.copyOf(quick.query(), end),
                true,
                client,
                octets -> socket.send(client, octets));
    }

    /** The query as its own response, without records and with the TC bit. */
    private void cut(int index, int end) {
        byte[] query = quick.query();
        if (end < HEADER || query[2] < 0) {
            return;
        }
        Arrays.fill(header, (byte) 0);
        System.arraycopy(query, 0, header, 0, 4);
        header[2] |= (byte) 0x82;
        header[3] = (byte) 0x80;
        socket.reply(index, header, HEADER);
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
