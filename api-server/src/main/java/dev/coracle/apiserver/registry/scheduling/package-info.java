/** PriorityClasses. */
@NullMarked
package dev.coracle.apiserver.registry.scheduling;

import org.jspecify.annotations.NullMarked;
