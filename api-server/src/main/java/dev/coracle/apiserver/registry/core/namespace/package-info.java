/** Namespaces: they hold their objects, and go when those are gone. */
@NullMarked
package dev.coracle.apiserver.registry.core.namespace;

import org.jspecify.annotations.NullMarked;
