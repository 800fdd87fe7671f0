/**
 * Claims and volumes: binds each PersistentVolumeClaim to one PersistentVolume, makes volumes for
 * claims of classes whose provisioner is {@code local.coracle.dev}, and keeps both while in use.
 *
 * <p>{@link dev.coracle.controllers.persistentvolume.PersistentVolumeController} hears of claims,
 * volumes, classes and pods; {@code VolumeMatch} says which volume suits a claim. A node removes
 * what a released volume held. Start at {@link
 * dev.coracle.controllers.persistentvolume.PersistentVolumeController}.
 *
 * <p>Rule: the volume is written before the claim, so that a claim is never bound to a volume that
 * does not know it.
 */
@NullMarked
package dev.coracle.controllers.persistentvolume;

import org.jspecify.annotations.NullMarked;
