/** PodDisruptionBudgets. */
@NullMarked
package dev.coracle.apiserver.registry.policy;

import org.jspecify.annotations.NullMarked;
