package dev.coracle.apiserver.registry.core.service;

import java.util.BitSet;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Numbers from {@code 0} to {@code size - 1}, each taken at most once. Thread-safe.
 *
 * <p>Numbers asked for by name may be any; the ones the pool chooses come from {@code firstDynamic}
 * up as long as there are some, so that the two seldom collide (KEP-3070, KEP-3668).
 */
final class NumberPool {

    private final int size;
    private final int firstDynamic;
    private final RandomGenerator random;
    private final BitSet taken;

    NumberPool(int size, int firstDynamic, RandomGenerator random) {
        if (firstDynamic >= size) {
            throw new IllegalArgumentException(
                    "the first dynamic number " + firstDynamic + " is not below " + size);
        }
        this.size = size;
        this.firstDynamic = firstDynamic;
        this.random = random;
        this.taken = new BitSet(size);
    }

    /** Whether the number was free; it is taken now. */
    synchronized boolean take(int number) {
        if (taken.get(number)) {
            return false;
        }
        taken.set(number);
        return true;
    }

    /** A free number, taken now; empty when all are taken. */
    synchronized OptionalInt takeAny() {
        int start = random.nextInt(firstDynamic, size);
        int number = taken.nextClearBit(start);
        if (number >= size) {
            number = taken.nextClearBit(firstDynamic);
        }
        if (number >= size) {
            number = taken.nextClearBit(0);
        }
        if (number >= size) {
            return OptionalInt.empty();
        }
        taken.set(number);
        return OptionalInt.of(number);
    }

    synchronized void release(int number) {
        taken.clear(number);
    }

    /** What is taken and not {@code held}. */
    synchronized Set<Integer> leaked(Set<Integer> held) {
        Set<Integer> leaked = new HashSet<>();
        taken.stream().filter(number -> !held.contains(number)).forEach(leaked::add);
        return leaked;
    }
}
