/**
 * The island: a bridge in a network namespace without uplink, one link to the host, nodes around
 * it.
 *
 * <p>{@link dev.coracle.fabric.island.Preflight} says whether this host allows it. {@link
 * dev.coracle.fabric.island.FabricPlan} turns the address plan into the text that {@code ip -batch}
 * reads: unreachable routes for pods and Services first, then the bridge, then the host's link.
 * {@link dev.coracle.fabric.island.NetnsFabric} applies it under a lock, adds and removes nodes,
 * and removes everything again by name. Start at {@link dev.coracle.fabric.island.NetnsFabric}.
 *
 * <p>Rule: what to make is computed as text; one class runs it.
 */
@NullMarked
package dev.coracle.fabric.island;

import org.jspecify.annotations.NullMarked;
