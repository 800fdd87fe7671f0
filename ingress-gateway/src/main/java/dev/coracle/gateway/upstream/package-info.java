/**
 * Which endpoint of a backend gets a request, and the connections to it.
 *
 * <p>Start at {@link dev.coracle.gateway.upstream.Upstreams}.
 */
@NullMarked
package dev.coracle.gateway.upstream;

import org.jspecify.annotations.NullMarked;
