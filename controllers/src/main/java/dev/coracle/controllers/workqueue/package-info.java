/**
 * Queues of keys with de-duplication, delay and back-off, and the loops that serve them.
 *
 * <p>Start at {@link dev.coracle.controllers.workqueue.ControlLoop}. The rule: a key is never
 * worked on by two workers at once, and a change seen during the work is worked on again.
 */
@NullMarked
package dev.coracle.controllers.workqueue;

import org.jspecify.annotations.NullMarked;
