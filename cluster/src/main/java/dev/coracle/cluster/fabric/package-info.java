/** Which network fabric a cluster gets, and why. Start at {@link FabricChoice}. */
@NullMarked
package dev.coracle.cluster.fabric;

import org.jspecify.annotations.NullMarked;
