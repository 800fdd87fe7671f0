/**
 * Events about objects, for people.
 *
 * <p>Start at {@link dev.coracle.controllers.event.EventRecorder}. The rule: an event that cannot
 * be written never stops a loop.
 */
@NullMarked
package dev.coracle.controllers.event;

import org.jspecify.annotations.NullMarked;
