/**
 * Pods with names, storage and an order of their own.
 *
 * <p>Start at {@link dev.coracle.controllers.statefulset.StatefulSetController}; {@link
 * dev.coracle.controllers.statefulset.Plan} decides what is to be done next, without doing it.
 */
@NullMarked
package dev.coracle.controllers.statefulset;

import org.jspecify.annotations.NullMarked;
