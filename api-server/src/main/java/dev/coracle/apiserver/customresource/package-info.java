/**
 * What the schema of a CustomResourceDefinition means: which fields are kept, filled in and
 * refused. Pure functions on JSON trees.
 *
 * <p>Flow of a written object: {@code Pruning} -> {@code Defaulting} -> {@code ValueValidator},
 * {@code EmbeddedObjects}, {@code ListUniqueness} -> {@code rule.RuleValidator} (CEL). Start at
 * {@link dev.coracle.apiserver.customresource.CustomSchema}, one version's schema with all of them;
 * {@link dev.coracle.apiserver.customresource.SchemaRules} says which schemas are accepted. Rule:
 * knows no storage, no registry and no HTTP.
 */
@NullMarked
package dev.coracle.apiserver.customresource;

import org.jspecify.annotations.NullMarked;
