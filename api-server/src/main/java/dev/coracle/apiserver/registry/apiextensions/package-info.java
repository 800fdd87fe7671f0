/**
 * CustomResourceDefinitions, and the resources they bring.
 *
 * <p>Flow: a written CRD -> {@code DefinitionRules} -> {@link
 * dev.coracle.apiserver.registry.apiextensions.CustomResources}, which follows the watch cache:
 * accepts names ({@code NameConflicts}), publishes a {@code CustomResourceStrategy} for each served
 * version, and empties what is deleted. Rule: a custom resource goes through the same registry and
 * endpoints as a built-in one.
 */
@NullMarked
package dev.coracle.apiserver.registry.apiextensions;

import org.jspecify.annotations.NullMarked;
