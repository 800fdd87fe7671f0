/**
 * Roles made of roles: fills the rules of ClusterRoles that have an {@code aggregationRule}.
 *
 * <p>Start at {@link dev.coracle.controllers.clusterrole.ClusterRoleAggregationController}.
 */
@NullMarked
package dev.coracle.controllers.clusterrole;

import org.jspecify.annotations.NullMarked;
