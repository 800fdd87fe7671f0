/**
 * Volumes: folders and files of the node that a pod's containers mount.
 *
 * <p>{@link dev.coracle.nodeagent.volume.PodVolumes} makes a pod's volumes below the pod's folder
 * when it starts: {@code VolumeContent} computes the files of configMap, secret, downwardAPI and
 * projected volumes, {@code AtomicFolder} shows them all at once, again whenever their objects
 * change; {@code HostPaths} checks hostPath types; {@code VolumeMounts} finds what lies behind each
 * mount. Start at {@link dev.coracle.nodeagent.volume.PodVolumes}.
 *
 * <p>Rule: every other volume type is refused by its name.
 */
@NullMarked
package dev.coracle.nodeagent.volume;

import org.jspecify.annotations.NullMarked;
