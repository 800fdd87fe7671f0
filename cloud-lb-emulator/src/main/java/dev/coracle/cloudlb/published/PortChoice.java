package dev.coracle.cloudlb.published;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Which published port is whose. Confined to its owner. */
final class PortChoice {

    private final Map<String, Integer> fixed;
    private final int first;
    private final int last;
    private final Map<String, Integer> taken = new HashMap<>();

    /** {@code fixed} ports by {@code namespace/service:port}; the others are first to last. */
    PortChoice(Map<String, Integer> fixed, int first, int last) {
        this.fixed = Map.copyOf(fixed);
        this.first = first;
        this.last = last;
    }

    /**
     * The port of {@code namespace/service:port}, the same until it is released; empty: none is
     * left.
     */
    OptionalInt take(String key) {
        Integer own = fixed.containsKey(key) ? fixed.get(key) : taken.get(key);
        if (own != null) {
            return OptionalInt.of(own);
        }
        for (int port = first; port <= last; port++) {
            if (!taken.containsValue(port) && !fixed.containsValue(port)) {
                taken.put(key, port);
                return OptionalInt.of(port);
            }
        }
        return OptionalInt.empty();
    }

    void release(String key) {
        taken.remove(key);
    }
}
