/**
 * What operators look at: health and the routes in use.
 *
 * <p>Start at {@link dev.coracle.gateway.admin.AdminListener}.
 */
@NullMarked
package dev.coracle.gateway.admin;

import org.jspecify.annotations.NullMarked;
