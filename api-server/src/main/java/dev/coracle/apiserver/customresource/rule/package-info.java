/**
 * CEL with the functions Kubernetes adds to the language: {@code x-kubernetes-validations}, the
 * rules in the schema of a custom resource, and the expressions of admission policies.
 *
 * <p>Flow: {@code RuleTypes} gives {@code self} its type, {@code RuleCompiler} compiles the rules
 * of a schema node, {@code RuleValues} turns JSON into CEL values, {@code RuleValidator} walks
 * object and schema together; {@code RuleCost} counts what a rule costs at worst. Start at {@link
 * dev.coracle.apiserver.customresource.rule.RuleValidator}, for policies at {@link
 * dev.coracle.apiserver.customresource.rule.PolicyExpression}.
 */
@NullMarked
package dev.coracle.apiserver.customresource.rule;

import org.jspecify.annotations.NullMarked;
