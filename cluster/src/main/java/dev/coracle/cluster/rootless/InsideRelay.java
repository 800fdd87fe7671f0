package dev.coracle.cluster.rootless;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets who is outside reach addresses inside, by a Unix socket that only the same user can open.
 *
 * <p>A connection begins with a line: a {@link Target} to be connected with, answered by {@code ok}
 * or {@code refused}, or {@code watch}, answered by the list of targets whenever it changes, a line
 * each and a dot; a line in return says that they are served. Thread-safe; the list is guarded by
 * this.
 */
public final class InsideRelay implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(InsideRelay.class);
    private static final int LARGEST = 65_535;

    private final Path path;
    private final ServerSocketChannel server;
    private List<Target> published = List.of();
    private List<Target> served = List.of();
    private boolean closed;

    private InsideRelay(Path path, ServerSocketChannel server) {
        this.path = path;
        this.server = server;
    }

    /** Listens at {@code path}, whose folder must be the user's alone. */
    public static InsideRelay open(Path path) throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        InsideRelay relay = new InsideRelay(path, server);
        Thread _ = Thread.ofVirtual().name("relay").start(relay::accept);
        return relay;
    }

    /** Says what is to be had outside. */
    public synchronized void publish(List<Target> targets) {
        published = List.copyOf(targets);
        notifyAll();
    }

    /** Whether all that is published can be reached outside, if it can be at all. */
    public synchronized boolean isServed() {
        return !published.isEmpty() && served.equals(published);
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        server.close();
        Files.deleteIfExists(path);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = server.accept();
                Thread _ = Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException e) {
            log.debug("the relay ends: {}", e.toString());
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            String line = Pipes.readLine(connection);
            if (line.equals("watch")) {
                tell(connection);
                return;
            }
            Target target = Target.parse(line);
            if (target.protocol().equals("tcp")) {
                connect(connection, target);
            } else {
                exchange(connection, target);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException | IllegalArgumentException e) {
            log.debug("a relayed connection ends: {}", e.toString());
        }
    }

    private void tell(SocketChannel watcher) throws IOException, InterruptedException {
        List<Target> told = null;
        while (true) {
            List<Target> next;
            synchronized (this) {
                while (!closed && published.equals(told)) {
                    wait();
                }
                if (closed) {
                    return;
                }
                next = published;
            }
            List<String> lines = new ArrayList<>(next.stream().map(Target::line).toList());
            lines.add(".");
            Pipes.writeLine(watcher, String.join("\n", lines));
            String _ = Pipes.readLine(watcher);
            synchronized (this) {
                served = next;
            }
            told = next;
        }
    }

    private static void connect(SocketChannel client, Target target)
            throws IOException, InterruptedException {
        SocketChannel server;
        try {
            server = SocketChannel.open(target.inside());
        } catch (IOException e) {
            Pipes.writeLine(client, "refused");
            return;
        }
        Pipes.writeLine(client, "ok");
        Pipes.join(client, server);
    }

    /** One client's datagrams; the answers go back until the client's side is closed. */
    private static void exchange(SocketChannel client, Target target) throws IOException {
        Pipes.writeLine(client, "ok");
        try (DatagramChannel server = DatagramChannel.open(StandardProtocolFamily.INET)) {
            server.connect(target.inside());
            Thread _ = Thread.ofVirtual().start(() -> answers(server, client));
            while (true) {
                ByteBuffer datagram = Pipes.readDatagram(client);
                try {
                    int _ = server.write(datagram);
                } catch (java.net.PortUnreachableException _) {
                    // of an earlier one: a datagram may be lost
                }
            }
        }
    }

    private static void answers(DatagramChannel server, SocketChannel client) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST);
        while (server.isOpen()) {
            try {
                int _ = server.read(buffer.clear());
                Pipes.writeDatagram(client, buffer.flip());
            } catch (java.net.PortUnreachableException _) {
                // nobody there: the client gets no answer
            } catch (IOException _) {
                Pipes.close(client);
                return;
            }
        }
    }
}
