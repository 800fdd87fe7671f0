package dev.coracle.cluster.part;

import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One part of the cluster.
 *
 * @param start begins it, and may return before it is ready; throws with a sentence for the user
 * @param isReady whether it does its work
 * @param describe one line on where it is and what it does
 * @param close ends it; called once, also when start failed half-way
 */
public record Part(
        String name,
        Callable<?> start,
        BooleanSupplier isReady,
        Supplier<String> describe,
        AutoCloseable close) {}
