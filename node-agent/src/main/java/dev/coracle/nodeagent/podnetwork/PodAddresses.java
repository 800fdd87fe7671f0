package dev.coracle.nodeagent.podnetwork;

import dev.coracle.fabric.Cidr;
import java.util.HashSet;
import java.util.Set;

/** The addresses of one node's pods; an address given back is the last to be used again. */
public final class PodAddresses {

    private final Cidr range;
    private final Set<Integer> taken = new HashSet<>();
    private int next = 2;

    public PodAddresses(Cidr range) {
        if (range.prefixLength() > 29) {
            throw new IllegalArgumentException("pod range " + range + " is smaller than a /29");
        }
        this.range = range;
    }

    /**
     * Takes an address.
     *
     * @throws IllegalStateException if all are taken
     */
    public synchronized String allocate() {
        int last = (int) Math.min(range.size() - 2, 65_534);
        for (int i = 0; i < last - 1; i++) {
            int candidate = next;
            next = next >= last ? 2 : next + 1;
            if (taken.add(candidate)) {
                return range.address(candidate);
            }
        }
        throw new IllegalStateException("no address left in " + range);
    }

    /** Takes the address of a pod that is there; false if it is taken or none of this range. */
    public synchronized boolean take(String address) {
        int last = (int) Math.min(range.size() - 2, 65_534);
        for (int i = 2; i <= last; i++) {
            if (range.address(i).equals(address)) {
                return taken.add(i);
            }
        }
        return false;
    }

    public synchronized void release(String address) {
        taken.removeIf(index -> range.address(index).equals(address));
    }
}
