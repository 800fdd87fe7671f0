package dev.coracle.forwarder;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Backends in turn: each connection starts one further along the list, and falls over to the ones
 * after it.
 *
 * <p>Thread-safe; {@link #replace} takes effect for the next connection.
 */
public final class RoundRobinBackends implements BackendChooser {

    private final AtomicInteger turn = new AtomicInteger();
    private volatile List<InetSocketAddress> backends;

    public RoundRobinBackends(List<InetSocketAddress> backends) {
        this.backends = List.copyOf(backends);
    }

    /** Sets the whole list at once. */
    public void replace(List<InetSocketAddress> backends) {
        this.backends = List.copyOf(backends);
    }

    /** The list as last set. */
    public List<InetSocketAddress> backends() {
        return backends;
    }

    @Override
    public List<InetSocketAddress> candidates(InetSocketAddress client) {
        List<InetSocketAddress> now = backends;
        if (now.size() < 2) {
            return now;
        }
        int first = Math.floorMod(turn.getAndIncrement(), now.size());
        return new Rotation(now, first);
    }

    /** The same list seen from another start. */
    private static final class Rotation extends java.util.AbstractList<InetSocketAddress> {
        private final List<InetSocketAddress> list;
        private final int first;

        Rotation(List<InetSocketAddress> list, int first) {
            this.list = list;
            this.first = first;
        }

        @Override
        public InetSocketAddress get(int index) {
            return list.get((first + index) % list.size());
        }

        @Override
        public int size() {
            return list.size();
        }
    }
}
