/**
 * The container runtime: pods and containers as processes of the host.
 *
 * <p>{@link dev.coracle.nodeagent.runtime.ContainerRuntime} makes a {@link
 * dev.coracle.nodeagent.runtime.PodSandbox} (host name and IPC namespace, files of {@code /etc})
 * around a network namespace that exists already; the sandbox starts containers, each with its own
 * PID and mount namespace and a copy-on-write view of the node's file system, and turns what they
 * print into log files. Start at {@link dev.coracle.nodeagent.runtime.ContainerRuntime}.
 *
 * <p>Nothing of a container hangs on the agent: a shell waits for it and writes down how it ended,
 * its output goes to files that {@code ContainerOutput} reads, and a {@code RunRecord} says who it
 * is, so that the next agent finds it.
 *
 * <p>Rule: knows processes, not pods: restart, order and status are the pod worker's.
 */
@NullMarked
package dev.coracle.nodeagent.runtime;

import org.jspecify.annotations.NullMarked;
