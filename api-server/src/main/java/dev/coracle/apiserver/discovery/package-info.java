/**
 * {@code /api}, {@code /apis} and {@code /version}: what is served, aggregated
 * (apidiscovery.k8s.io/v2) and as the older document for each group.
 */
@NullMarked
package dev.coracle.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
