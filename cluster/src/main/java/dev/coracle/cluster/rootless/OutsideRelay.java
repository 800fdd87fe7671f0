package dev.coracle.cluster.rootless;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Listeners on loopback addresses of the host whose connections go on inside.
 *
 * <p>{@link #follow} owns the listeners; a listener and a connection have virtual threads of their
 * own.
 */
final class OutsideRelay implements AutoCloseable {

    private static final int LARGEST = 65_535;
    private static final int MOST_CLIENTS = 500;

    private final Path socket;
    private final int firstPort;
    private final Consumer<String> warnings;
    private final Map<Target, AutoCloseable> listeners = new HashMap<>();

    /**
     * A relay without listeners.
     *
     * @param socket of the {@link InsideRelay}
     * @param firstPort the lowest port that this user may open
     * @param warnings is told of an address that cannot be listened on
     */
    OutsideRelay(Path socket, int firstPort, Consumer<String> warnings) {
        this.socket = socket;
        this.firstPort = firstPort;
        this.warnings = warnings;
    }

    /** Serves what the inside publishes until it closes its socket. */
    void follow() throws IOException {
        try (SocketChannel inside = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Pipes.writeLine(inside, "watch");
            while (true) {
                Set<Target> wanted = new LinkedHashSet<>();
                String line = Pipes.readLine(inside);
                while (!line.equals(".")) {
                    wanted.add(Target.parse(line));
                    line = Pipes.readLine(inside);
                }
                serve(wanted);
                Pipes.writeLine(inside, "served");
            }
        }
    }

    private synchronized void serve(Set<Target> wanted) {
        listeners
                .entrySet()
                .removeIf(entry -> {
                    boolean gone = !wanted.contains(entry.getKey());
                    if (gone) {
                        Pipes.close(entry.getValue());
                    }
                    return gone;
                });
        for (Target target : wanted) {
            if (listeners.containsKey(target)) {
                continue;
            }
            InetSocketAddress address = target.outside(firstPort);
            try {
                listeners.put(
                        target,
                        target.protocol().equals("tcp")
                                ? connections(address, target)
                                : datagrams(address, target));
            } catch (IOException e) {
                warnings.accept(
                        "%s is not reached on this machine: %s:%d (%s) %s"
                                .formatted(
                                        target.line(),
                                        address.getHostString(),
                                        address.getPort(),
                                        target.protocol(),
                                        e.getMessage()));
                // not tried again until it is published anew
                listeners.put(target, () -> {});
            }
        }
    }

    private AutoCloseable connections(InetSocketAddress address, Target target) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            listener.bind(address, 1024);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        Thread _ =
                Thread.ofVirtual()
                        .name("relay " + target.line())
                        .start(() -> {
                            try {
                                while (true) {
                                    SocketChannel client = listener.accept();
                                    Thread _ =
                                            Thread.ofVirtual().start(() -> relay(client, target));
                                }
                            } catch (IOException _) {
                                // it is closed
                            }
                        });
        return listener;
    }

    private void relay(SocketChannel client, Target target) {
        try {
            SocketChannel inside = inside(target);
            Pipes.join(client, inside);
        } catch (IOException _) {
            Pipes.reset(client);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            Pipes.reset(client);
        }
    }

    private SocketChannel inside(Target target) throws IOException {
        SocketChannel inside = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        try {
            Pipes.writeLine(inside, target.line());
            String answer = Pipes.readLine(inside);
            if (!answer.equals("ok")) {
                throw new IOException(answer);
            }
            return inside;
        } catch (IOException e) {
            inside.close();
            throw e;
        }
    }

    private AutoCloseable datagrams(InetSocketAddress address, Target target) throws IOException {
        DatagramChannel listener = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            listener.bind(address);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        Thread _ =
                Thread.ofVirtual()
                        .name("relay " + target.line())
                        .start(() -> receive(listener, target));
        return listener;
    }

    /** Each client has a connection inside; the one that is idle longest makes room. */
    private void receive(DatagramChannel listener, Target target) {
        Map<SocketAddress, SocketChannel> clients =
                new LinkedHashMap<>(16, 0.75f, true) {
                    @Override
                    protected boolean removeEldestEntry(
                            Map.Entry<SocketAddress, SocketChannel> eldest) {
                        boolean full = size() > MOST_CLIENTS;
                        if (full) {
                            Pipes.close(eldest.getValue());
                        }
                        return full;
                    }
                };
        ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST);
        try {
            while (true) {
                SocketAddress client = listener.receive(buffer.clear());
                forward(listener, client, clients, target, buffer.flip());
            }
        } catch (IOException _) {
            clients.values().forEach(Pipes::close);
        }
    }

    private void forward(
            DatagramChannel listener,
            SocketAddress client,
            Map<SocketAddress, SocketChannel> clients,
            Target target,
            ByteBuffer datagram) {
        try {
            SocketChannel inside = clients.get(client);
            if (inside == null || !inside.isOpen()) {
                SocketChannel made = inside(target);
                clients.put(client, made);
                Thread _ = Thread.ofVirtual().start(() -> answer(listener, client, made));
                inside = made;
            }
            Pipes.writeDatagram(inside, datagram);
        } catch (IOException _) {
            // the datagram is lost, as datagrams may be
            SocketChannel gone = clients.remove(client);
            if (gone != null) {
                Pipes.close(gone);
            }
        }
    }

    private static void answer(
            DatagramChannel listener, SocketAddress client, SocketChannel inside) {
        try {
            while (true) {
                int _ = listener.send(Pipes.readDatagram(inside), client);
            }
        } catch (IOException _) {
            Pipes.close(inside);
        }
    }

    @Override
    public synchronized void close() {
        listeners.values().forEach(Pipes::close);
        listeners.clear();
    }
}
