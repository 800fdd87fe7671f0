/**
 * Black box: the built product, started by its own launcher, driven by kubectl, curl, dig and plain
 * sockets. Needs root.
 *
 * <p>Start at {@link dev.coracle.e2e.Cluster}, which starts one cluster for as many tests as can
 * share it. Rule: no class of the product is used here.
 */
@NullMarked
package dev.coracle.e2e;

import org.jspecify.annotations.NullMarked;
