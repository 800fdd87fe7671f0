package dev.coracle.apiserver.registry.core.service;

import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The node ports. Thread-safe. */
public final class NodePortAllocator {

    private static final int FIRST = 30000;
    private static final int LAST = 32767;
    // the band for ports asked for by number, KEP-3668
    private static final int STATIC_BAND = 86;

    private final NumberPool pool;

    public NodePortAllocator(RandomGenerator random) {
        pool = new NumberPool(LAST - FIRST + 1, STATIC_BAND, random);
    }

    static String range() {
        return FIRST + "-" + LAST;
    }

    static boolean isInRange(int port) {
        return port >= FIRST && port <= LAST;
    }

    /** Whether the port, which must be in the range, was free; it is taken now. */
    boolean take(int port) {
        return pool.take(port - FIRST);
    }

    OptionalInt takeAny() {
        OptionalInt offset = pool.takeAny();
        return offset.isPresent() ? OptionalInt.of(FIRST + offset.getAsInt()) : offset;
    }

    void release(int port) {
        if (isInRange(port)) {
            pool.release(port - FIRST);
        }
    }

    /** What is taken and not {@code held}. */
    Set<Integer> leaked(Set<Integer> held) {
        Set<Integer> offsets = held.stream().map(port -> port - FIRST).collect(Collectors.toSet());
        return pool.leaked(offsets).stream()
                .map(offset -> offset + FIRST)
                .collect(Collectors.toSet());
    }
}
