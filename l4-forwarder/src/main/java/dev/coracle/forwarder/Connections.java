package dev.coracle.forwarder;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** The backend channels open through one port, and its counters. Thread-safe. */
final class Connections {

    private final Map<Channel, InetSocketAddress> open = new ConcurrentHashMap<>();
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** Counts {@code backendChannel} until it closes. */
    void add(Channel backendChannel, InetSocketAddress backend) {
        forwarded.increment();
        open.put(backendChannel, backend);
        backendChannel.closeFuture().addListener(_ -> open.remove(backendChannel));
    }

    void refuse() {
        refused.increment();
    }

    void forEach(BiConsumer<Channel, InetSocketAddress> action) {
        open.forEach(action);
    }

    Map<InetSocketAddress, Integer> active() {
        return open.values().stream()
                .collect(Collectors.toUnmodifiableMap(b -> b, _ -> 1, Integer::sum));
    }

    long forwarded() {
        return forwarded.sum();
    }

    long refused() {
        return refused.sum();
    }
}
