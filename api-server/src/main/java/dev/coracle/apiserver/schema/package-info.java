/**
 * The schemas of the served kinds: one source for unknown-field checks, type checks, required
 * fields, the merge keys of patches and the published OpenAPI documents.
 *
 * <p>Start at {@link dev.coracle.apiserver.schema.SchemaCatalog}. The definitions are a generated
 * resource ({@code schema/definitions.json}); a test fails when it differs from the Kubernetes 1.33
 * model it is generated from.
 */
@NullMarked
package dev.coracle.apiserver.schema;

import org.jspecify.annotations.NullMarked;
