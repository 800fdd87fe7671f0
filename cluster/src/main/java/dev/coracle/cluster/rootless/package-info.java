/**
 * The netns fabric for a user who is not root: the whole cluster runs in a user namespace, where
 * that user is root.
 *
 * <p>Flow: {@link dev.coracle.cluster.rootless.RootlessRun} starts the same command again under
 * unshare(1) ({@code UserNamespace}) and stays outside with an {@code OutsideRelay}; inside, {@link
 * dev.coracle.cluster.rootless.InsideRelay} answers it on a Unix socket, and {@link
 * dev.coracle.cluster.rootless.PublishedServices} says which addresses are to be had outside. Start
 * at {@link dev.coracle.cluster.rootless.RootlessRun}.
 *
 * <p>Rule: what is outside holds listeners on loopback addresses and nothing else.
 */
@NullMarked
package dev.coracle.cluster.rootless;

import org.jspecify.annotations.NullMarked;
