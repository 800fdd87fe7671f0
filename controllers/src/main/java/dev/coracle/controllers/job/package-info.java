/**
 * Pods that are to succeed a number of times, at once or by schedule.
 *
 * <p>Start at {@link dev.coracle.controllers.job.JobController}; {@link
 * dev.coracle.controllers.job.JobPlan} decides from a Job and its pods what is next, without doing
 * it. Each pod carries a finalizer until it is counted, so that none is forgotten and none is
 * counted twice.
 */
@NullMarked
package dev.coracle.controllers.job;

import org.jspecify.annotations.NullMarked;
