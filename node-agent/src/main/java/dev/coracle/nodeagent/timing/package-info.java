/**
 * Elapsed time: something to do later. Start at {@link dev.coracle.nodeagent.timing.Timers}.
 *
 * <p>Rule: nothing else in this module waits for time to pass.
 */
@NullMarked
package dev.coracle.nodeagent.timing;

import org.jspecify.annotations.NullMarked;
