/**
 * Images: what an image reference stands for on this node.
 *
 * <p>{@link dev.coracle.nodeagent.image.ImageStore} looks a reference up: first the built-in {@code
 * coracle/echo} and {@code coracle/host}, then the globs of {@code images.d/*.yaml}. An {@link
 * dev.coracle.nodeagent.image.Image} says how to start it. Start at {@link
 * dev.coracle.nodeagent.image.ImageStore}.
 *
 * <p>Rule: nothing is pulled from anywhere; an unknown reference is an answer, not an error.
 */
@NullMarked
package dev.coracle.nodeagent.image;

import org.jspecify.annotations.NullMarked;
