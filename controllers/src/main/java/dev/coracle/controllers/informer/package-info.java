/**
 * What the API server holds, mirrored in memory and shared by all loops.
 *
 * <p>Start at {@link dev.coracle.controllers.informer.ClusterInformers}. The rule: objects read
 * here are never changed; copy, change the copy, write it.
 */
@NullMarked
package dev.coracle.controllers.informer;

import org.jspecify.annotations.NullMarked;
