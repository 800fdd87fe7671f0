/**
 * The OpenAPI documents: one for each API version at {@code /openapi/v3}, and all together for
 * Swagger UI.
 */
@NullMarked
package dev.coracle.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
