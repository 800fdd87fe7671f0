/**
 * The parts of a running cluster and their start: each is started once, waited for, reported on,
 * and closed in the reverse order. Start at {@link dev.coracle.cluster.part.Part}.
 */
@NullMarked
package dev.coracle.cluster.part;

import org.jspecify.annotations.NullMarked;
