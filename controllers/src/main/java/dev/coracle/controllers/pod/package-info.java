/**
 * What a pod's conditions and phase say.
 *
 * <p>Start at {@link dev.coracle.controllers.pod.Pods}.
 */
@NullMarked
package dev.coracle.controllers.pod;

import org.jspecify.annotations.NullMarked;
