package dev.coracle.cloudlb.target;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the targets of one load balancer, each on its own virtual thread, from the namespace they
 * are dialled from.
 */
public final class HealthChecks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HealthChecks.class);

    private record Asked(CountDownLatch stopped) {}

    private final NetworkNamespace namespace;
    private final HealthCheck check;
    private final Map<String, TargetHealth> health = new ConcurrentHashMap<>();
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();

    /** {@code check.port()} must be the real one. */
    public HealthChecks(NetworkNamespace namespace, HealthCheck check) {
        this.namespace = namespace;
        this.check = check;
    }

    public HealthCheck check() {
        return check;
    }

    /** Asks these addresses from now on, and no others. */
    public synchronized void follow(Set<String> addresses) {
        asked.keySet().stream().filter(a -> !addresses.contains(a)).toList().forEach(this::stop);
        for (String address : addresses) {
            if (!asked.containsKey(address)) {
                Asked one = new Asked(new CountDownLatch(1));
                asked.put(address, one);
                health.put(address, TargetHealth.initial());
                Thread.ofVirtual().name("health-" + address).start(() -> ask(address, one));
            }
        }
    }

    public TargetHealth health(String address) {
        return health.getOrDefault(address, TargetHealth.initial());
    }

    @Override
    public synchronized void close() {
        Set.copyOf(asked.keySet()).forEach(this::stop);
    }

    private void stop(String address) {
        Objects.requireNonNull(asked.remove(address)).stopped().countDown();
        health.remove(address);
    }

    private void ask(String address, Asked one) {
        try {
            do {
                TargetHealth before = health(address);
                TargetHealth after = asked(address, before);
                if (health.replace(address, before, after) && !before.word().equals(after.word())) {
                    log.info(
                            "target={} port={} {} -> {}",
                            address,
                            check.port(),
                            before.word(),
                            after);
                }
            } while (!one.stopped().await(check.intervalMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private TargetHealth asked(String address, TargetHealth before) {
        try (SocketChannel channel = namespace.call(SocketChannel::open)) {
            Socket socket = channel.socket();
            socket.setSoTimeout(check.timeoutMillis());
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral(address), check.port()),
                    check.timeoutMillis());
            return switch (check.protocol()) {
                case TCP -> before.succeeded(check);
                case HTTP -> {
                    int status = get(socket, address);
                    yield status == 200
                            ? before.succeeded(check)
                            : before.failed(check, "HTTP status " + status);
                }
            };
        } catch (IOException e) {
            return before.failed(check, String.valueOf(e.getMessage()));
        }
    }

    private int get(Socket socket, String address) throws IOException {
        String request =
                "GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
                        .formatted(check.path(), address, check.port());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        var reader =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        String line = reader.readLine();
        if (line == null || !line.startsWith("HTTP/1.")) {
            throw new IOException("not an HTTP response: '" + line + "'");
        }
        try {
            return Integer.parseInt(line.split(" ", 3)[1]);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
            throw new IOException("not a status line: '" + line + "'");
        }
    }
}
