/** RuntimeClasses. */
@NullMarked
package dev.coracle.apiserver.registry.node;

import org.jspecify.annotations.NullMarked;
