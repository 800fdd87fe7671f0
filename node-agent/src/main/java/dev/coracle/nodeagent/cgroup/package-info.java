/**
 * Control groups: limits on what containers use, and accounts of it.
 *
 * <p>{@link dev.coracle.nodeagent.cgroup.Cgroups} finds what the kernel offers, version 2 or the
 * hierarchies of version 1, and makes a group per pod and one per container in it; {@link
 * dev.coracle.nodeagent.cgroup.ContainerCgroup} says what a container uses. Start at {@link
 * dev.coracle.nodeagent.cgroup.Cgroups}.
 *
 * <p>Rule: a host without control groups is no error; whoever asks is told why there are none.
 */
@NullMarked
package dev.coracle.nodeagent.cgroup;

import org.jspecify.annotations.NullMarked;
