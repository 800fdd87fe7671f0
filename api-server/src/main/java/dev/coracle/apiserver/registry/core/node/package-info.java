/** Nodes. */
@NullMarked
package dev.coracle.apiserver.registry.core.node;

import org.jspecify.annotations.NullMarked;
