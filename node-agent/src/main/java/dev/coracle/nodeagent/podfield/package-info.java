/**
 * What a container may be told of its own pod: the downward API.
 *
 * <p>{@link dev.coracle.nodeagent.podfield.PodFields} answers a {@code fieldRef} or {@code
 * resourceFieldRef}, for environment variables and for files alike. Start there.
 *
 * <p>Rule: pure; a path that does not exist is an error that quotes it.
 */
@NullMarked
package dev.coracle.nodeagent.podfield;

import org.jspecify.annotations.NullMarked;
