package dev.coracle.nodeagent.echo;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * HTTP, TCP and UDP echo on {@code $PORT} (8080).
 *
 * <p>On SIGTERM it goes on accepting for {@code $DRAIN_MILLIS} (1000), so that whoever has not yet
 * heard of the end is served, then stops accepting, lets the requests in flight finish and exits
 * with 0.
 */
public final class EchoMain {

    private static final int LONGEST_DRAIN_MILLIS = 20_000;

    final AtomicInteger inFlight = new AtomicInteger();
    final AtomicBoolean draining = new AtomicBoolean();
    // of System.nanoTime()
    private volatile long unreadyUntil = System.nanoTime();

    EchoMain() {}

    public static void main(String[] arguments) throws IOException {
        EchoMain echo = new EchoMain();
        int port = number("PORT", 8080);
        String host = System.getenv("CORACLE_LISTEN_ADDRESS");
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(address(host, port), 512);
        Runtime.getRuntime().addShutdownHook(new Thread(new Drain(echo, server)));
        Thread udp = new Thread(new Udp(new DatagramSocket(address(host, port))), "udp");
        udp.setDaemon(true);
        udp.start();
        System.out.println("listening on port " + port);
        echo.accept(server);
    }

    private static InetSocketAddress address(@Nullable String host, int port) throws IOException {
        return host == null || host.isEmpty()
                ? new InetSocketAddress(port)
                : new InetSocketAddress(InetAddress.getByName(host), port);
    }

    /** Returns when the socket is closed; the process then lives until its drain is over. */
    void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(new Connection(socket, this));
                thread.setDaemon(true);
                thread.start();
            } catch (IOException _) {
                if (!server.isClosed()) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    /** Says for that long that it is not ready. */
    void unready(int millis) {
        unreadyUntil = System.nanoTime() + millis * 1_000_000L;
    }

    boolean isReady() {
        return System.nanoTime() - unreadyUntil >= 0;
    }

    static int number(String variable, int otherwise) {
        String text = System.getenv(variable);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        return Integer.parseInt(text);
    }

    /** Sends every datagram back. */
    private static final class Udp implements Runnable {
        private final DatagramSocket socket;

        Udp(DatagramSocket socket) {
            this.socket = socket;
        }

        @Override
        public void run() {
            byte[] buffer = new byte[65_535];
            while (!socket.isClosed()) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                try {
                    socket.receive(packet);
                    socket.send(packet);
                } catch (IOException _) {
                    // a client that has gone: serve the next
                }
            }
        }
    }

    /** The shutdown hook. */
    private static final class Drain implements Runnable {
        private final EchoMain echo;
        private final ServerSocket server;

        Drain(EchoMain echo, ServerSocket server) {
            this.echo = echo;
            this.server = server;
        }

        @Override
        public void run() {
            echo.draining.set(true);
            Object never = new Object();
            try {
                synchronized (never) {
                    pause(never, number("DRAIN_MILLIS", 1000));
                    server.close();
                    int waited = 0;
                    while (echo.inFlight.get() > 0 && waited < LONGEST_DRAIN_MILLIS) {
                        pause(never, 20);
                        waited += 20;
                    }
                }
            } catch (IOException | InterruptedException _) {
                // ending anyway
            }
            Runtime.getRuntime().halt(0);
        }

        private static void pause(Object never, long millis) throws InterruptedException {
            long end = System.nanoTime() + millis * 1_000_000;
            for (long left = millis; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                never.wait(left);
            }
        }
    }
}
