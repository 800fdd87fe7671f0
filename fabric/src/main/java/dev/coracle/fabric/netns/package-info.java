/**
 * Sockets inside Linux network namespaces, from one JVM.
 *
 * <p>A {@link dev.coracle.fabric.netns.NetworkNamespace} owns one platform thread that has entered
 * the namespace with {@code setns(2)}; whatever socket that thread opens belongs to the namespace
 * for good, and any event loop may serve it from then on. Start at {@link
 * dev.coracle.fabric.netns.NetworkNamespace}.
 */
@NullMarked
package dev.coracle.fabric.netns;

import org.jspecify.annotations.NullMarked;
