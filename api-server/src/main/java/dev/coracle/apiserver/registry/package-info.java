/**
 * What the API server knows of its resources: one template for each verb, one small strategy for
 * each resource.
 *
 * <p>Flow of a create: {@link dev.coracle.apiserver.registry.ResourceStrategy#applyDefaults} ->
 * admission -> {@code prepareForCreate} -> {@code validate} -> {@code allocate} -> store. Start at
 * {@link dev.coracle.apiserver.registry.ResourceStrategy}; the list of resources is {@link
 * dev.coracle.apiserver.registry.ResourceRegistry}.
 */
@NullMarked
package dev.coracle.apiserver.registry;

import org.jspecify.annotations.NullMarked;
