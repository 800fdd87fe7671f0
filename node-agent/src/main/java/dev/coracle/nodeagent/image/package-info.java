/**
 * Images: what an image reference stands for on this node.
 *
 * <p>{@link dev.coracle.nodeagent.image.ImageStore} looks a reference up: first the built-in {@code
 * coracle/echo} and {@code coracle/host}, then the globs of {@code images.d/*.yaml}, then {@link
 * dev.coracle.nodeagent.image.ImageFolder}, which has what {@link
 * dev.coracle.nodeagent.image.ImageArchive} loaded or a registry gave. {@link
 * dev.coracle.nodeagent.image.ImageAddition} makes one folder of the layers of an image. An {@link
 * dev.coracle.nodeagent.image.Image} says how to start it. Start at {@link
 * dev.coracle.nodeagent.image.ImageStore}.
 *
 * <p>Rule: knows no network; an unknown reference is an answer, not an error; nothing is kept whose
 * digest is not the one that was wanted.
 */
@NullMarked
package dev.coracle.nodeagent.image;

import org.jspecify.annotations.NullMarked;
