/** Jobs and CronJobs. */
@NullMarked
package dev.coracle.apiserver.registry.batch;

import org.jspecify.annotations.NullMarked;
