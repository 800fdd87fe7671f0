/**
 * The container runtime: pods and containers as processes of the host.
 *
 * <p>{@link dev.coracle.nodeagent.runtime.ContainerRuntime} makes a {@link
 * dev.coracle.nodeagent.runtime.PodSandbox} (host name and IPC namespace, files of {@code /etc})
 * around a network namespace that exists already; the sandbox starts containers, each with its own
 * PID and mount namespace and a copy-on-write view of the node's file system, and writes what they
 * print to log files. Start at {@link dev.coracle.nodeagent.runtime.ContainerRuntime}.
 *
 * <p>Rule: knows processes, not pods: restart, order and status are the pod worker's.
 */
@NullMarked
package dev.coracle.nodeagent.runtime;

import org.jspecify.annotations.NullMarked;
