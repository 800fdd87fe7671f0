/**
 * Jobs by the clock.
 *
 * <p>Start at {@link dev.coracle.controllers.cronjob.CronJobController}; {@link
 * dev.coracle.controllers.cronjob.Schedule} knows the times.
 */
@NullMarked
package dev.coracle.controllers.cronjob;

import org.jspecify.annotations.NullMarked;
