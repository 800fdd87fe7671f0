/**
 * The HTTP listener.
 *
 * <p>Start at {@link dev.coracle.gateway.listener.HttpListener}.
 */
@NullMarked
package dev.coracle.gateway.listener;

import org.jspecify.annotations.NullMarked;
