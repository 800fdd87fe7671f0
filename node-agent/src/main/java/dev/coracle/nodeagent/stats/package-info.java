/**
 * What the node and its pods use, and what follows when it is too much.
 *
 * <p>{@link dev.coracle.nodeagent.stats.NodeUsage} reads the machine's figures; {@link
 * dev.coracle.nodeagent.stats.StatsSummary} makes the kubelet's {@code /stats/summary} and {@code
 * /metrics/resource} of them and of the control groups; {@link
 * dev.coracle.nodeagent.stats.Pressure} says which conditions the node has and {@code
 * EvictionOrder} which pod has to go. Start at {@link dev.coracle.nodeagent.stats.StatsSummary}.
 *
 * <p>Rule: figures are read when asked for; a rate is that between two readings.
 */
@NullMarked
package dev.coracle.nodeagent.stats;

import org.jspecify.annotations.NullMarked;
