/**
 * The resources an API server serves, as its discovery documents list them.
 *
 * <p>Start at {@link dev.coracle.controllers.apiresource.Discovery}.
 */
@NullMarked
package dev.coracle.controllers.apiresource;

import org.jspecify.annotations.NullMarked;
