/**
 * Probes: whether a container is alive and ready.
 *
 * <p>A {@link dev.coracle.nodeagent.probe.ProbeLoop} runs one check again and again and reports
 * when its verdict changes; {@link dev.coracle.nodeagent.probe.ProbeChecks} makes the checks from a
 * container's probe. Start at {@link dev.coracle.nodeagent.probe.ProbeLoop}.
 *
 * <p>Rule: reports verdicts; what follows from them is the pod worker's.
 */
@NullMarked
package dev.coracle.nodeagent.probe;

import org.jspecify.annotations.NullMarked;
