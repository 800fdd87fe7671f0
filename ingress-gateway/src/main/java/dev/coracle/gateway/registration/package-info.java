/**
 * Makes the gateway known to the cluster, as an ordinary client of it.
 *
 * <p>Start at {@link dev.coracle.gateway.registration.Registration}.
 */
@NullMarked
package dev.coracle.gateway.registration;

import org.jspecify.annotations.NullMarked;
