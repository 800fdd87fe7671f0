/**
 * Kubernetes objects as JSON trees, and the keys that name kinds, resources and objects.
 *
 * <p>The API server stores and streams JSON; it never binds a kind to a class. Start at {@link
 * dev.coracle.apiserver.object.ApiObject}. Rule: knows no HTTP, no storage and no single kind.
 */
@NullMarked
package dev.coracle.apiserver.object;

import org.jspecify.annotations.NullMarked;
