/**
 * Volumes: folders of the node that a pod's containers mount.
 *
 * <p>{@link dev.coracle.nodeagent.volume.PodVolumes} makes emptyDir, configMap and secret volumes
 * below the pod's folder, once, when the pod starts, and finds the folder behind each mount. Start
 * at {@link dev.coracle.nodeagent.volume.PodVolumes}.
 *
 * <p>Rule: every other volume type is refused by its name.
 */
@NullMarked
package dev.coracle.nodeagent.volume;

import org.jspecify.annotations.NullMarked;
