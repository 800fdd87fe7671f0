/**
 * The provider's REST API.
 *
 * <p>Start at {@link dev.coracle.cloudlb.api.LoadBalancerController}. The rule: every error is a
 * problem document (RFC 9457), made in {@link dev.coracle.cloudlb.api.Problems}.
 */
@NullMarked
package dev.coracle.cloudlb.api;

import org.jspecify.annotations.NullMarked;
