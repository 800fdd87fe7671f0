/**
 * Gives each node a part of the pod network.
 *
 * <p>Start at {@link dev.coracle.controllers.nodeipam.NodeIpamController}; {@link
 * dev.coracle.controllers.nodeipam.PodNetwork} decides.
 */
@NullMarked
package dev.coracle.controllers.nodeipam;

import org.jspecify.annotations.NullMarked;
