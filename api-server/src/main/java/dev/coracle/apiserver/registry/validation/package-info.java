/**
 * Checks shared by many resources: names, metadata, pod templates, label selectors. Pure; they
 * collect field errors.
 */
@NullMarked
package dev.coracle.apiserver.registry.validation;

import org.jspecify.annotations.NullMarked;
