/** Endpoints. */
@NullMarked
package dev.coracle.apiserver.registry.core.endpoints;

import org.jspecify.annotations.NullMarked;
