/**
 * Empties a namespace that is being deleted, and lets it go.
 *
 * <p>Start at {@link dev.coracle.controllers.namespace.NamespaceController}.
 */
@NullMarked
package dev.coracle.controllers.namespace;

import org.jspecify.annotations.NullMarked;
