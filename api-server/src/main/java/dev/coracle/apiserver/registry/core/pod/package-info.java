/** Pods, and the pod templates that other resources carry: defaults, validation, printing. */
@NullMarked
package dev.coracle.apiserver.registry.core.pod;

import org.jspecify.annotations.NullMarked;
