/**
 * The OpenAPI documents: one for each API version at {@code /openapi/v3}, and all together for
 * Swagger UI and, in version 2, at {@code /openapi/v2}.
 */
@NullMarked
package dev.coracle.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
