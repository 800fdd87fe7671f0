/**
 * What a node stands on: a network namespace of the island, the container it is in, or loopback
 * addresses and nothing else.
 *
 * <p>{@link dev.coracle.nodeagent.place.Place} is made first, and says how pods run, where they are
 * and how Services reach them; the rest of the agent does not know which it is. Start there.
 *
 * <p>Rule: the only package that tells fabrics apart.
 */
@NullMarked
package dev.coracle.nodeagent.place;

import org.jspecify.annotations.NullMarked;
