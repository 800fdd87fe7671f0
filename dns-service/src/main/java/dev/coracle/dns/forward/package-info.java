/**
 * Questions that are not the cluster's, asked of the host's resolvers.
 *
 * <p>Start at {@link dev.coracle.dns.forward.Forwarding}.
 */
@NullMarked
package dev.coracle.dns.forward;

import org.jspecify.annotations.NullMarked;
