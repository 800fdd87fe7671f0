/**
 * Keeps as many pods as a ReplicaSet asks for.
 *
 * <p>Start at {@link dev.coracle.controllers.replicaset.ReplicaSetController}; {@link
 * dev.coracle.controllers.replicaset.DeletionRanking} decides which pods go first.
 */
@NullMarked
package dev.coracle.controllers.replicaset;

import org.jspecify.annotations.NullMarked;
