/**
 * What controllers of pods share.
 *
 * <p>{@link dev.coracle.controllers.pod.Pods} reads a pod, {@link
 * dev.coracle.controllers.pod.PodControl} makes, takes and deletes them for an owner, {@link
 * dev.coracle.controllers.pod.PodOwners} says whom a change concerns.
 */
@NullMarked
package dev.coracle.controllers.pod;

import org.jspecify.annotations.NullMarked;
