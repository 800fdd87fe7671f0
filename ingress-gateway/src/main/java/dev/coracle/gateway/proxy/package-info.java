/**
 * One request on its way through the gateway.
 *
 * <p>Start at {@link dev.coracle.gateway.proxy.Proxy}. The rule: what went wrong is a {@link
 * dev.coracle.gateway.proxy.Failure}, and that alone chooses the status.
 */
@NullMarked
package dev.coracle.gateway.proxy;

import org.jspecify.annotations.NullMarked;
