/** Deployments and ReplicaSets, and the scale subresource they share. */
@NullMarked
package dev.coracle.apiserver.registry.apps;

import org.jspecify.annotations.NullMarked;
