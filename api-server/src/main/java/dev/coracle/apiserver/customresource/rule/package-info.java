/**
 * {@code x-kubernetes-validations}: CEL rules in the schema of a custom resource, with the
 * functions Kubernetes adds to the language.
 *
 * <p>Flow: {@code RuleTypes} gives {@code self} its type, {@code RuleCompiler} compiles the rules
 * of a schema node, {@code RuleValues} turns JSON into CEL values, {@code RuleValidator} walks
 * object and schema together. Start at {@link
 * dev.coracle.apiserver.customresource.rule.RuleValidator}.
 */
@NullMarked
package dev.coracle.apiserver.customresource.rule;

import org.jspecify.annotations.NullMarked;
