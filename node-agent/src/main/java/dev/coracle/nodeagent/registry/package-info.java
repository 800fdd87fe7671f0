/**
 * Pulling images: the client's half of the OCI distribution API.
 *
 * <p>{@link dev.coracle.nodeagent.registry.ImagePull} asks {@code RegistryClient} for a manifest,
 * with the credentials that {@link dev.coracle.nodeagent.registry.PullSecrets} found, and has
 * {@link dev.coracle.nodeagent.image.ImageAddition} make an image of the layers. Start at {@link
 * dev.coracle.nodeagent.registry.ImagePull}.
 *
 * <p>Rule: HTTPS only; a name without a registry is never pulled unless a default one is set; no
 * password leaves for another host than the one it is for.
 */
@NullMarked
package dev.coracle.nodeagent.registry;

import org.jspecify.annotations.NullMarked;
