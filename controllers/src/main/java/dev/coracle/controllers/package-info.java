/**
 * The control loops and the scheduler of a cluster, as one set that knows nothing but a Kubernetes
 * client.
 *
 * <p>The flow is the same in each: shared informers put the key of a changed object on the loop's
 * work queue; a worker takes the key, reads the snapshot the informers hold, lets a pure function
 * decide, and writes the difference. A failure puts the key back with back-off.
 *
 * <p>Start at {@link dev.coracle.controllers.ControllerSet}. The rule: decisions are made by
 * functions of values, which is where the tests are; nothing here knows how the API server works
 * inside.
 */
@NullMarked
package dev.coracle.controllers;

import org.jspecify.annotations.NullMarked;
