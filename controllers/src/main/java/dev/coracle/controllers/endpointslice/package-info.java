/**
 * Keeps the EndpointSlices and Endpoints of Services that have a selector, and copies Endpoints
 * that somebody wrote into EndpointSlices.
 *
 * <p>Start at {@link dev.coracle.controllers.endpointslice.EndpointSliceController}; {@link
 * dev.coracle.controllers.endpointslice.EndpointTranslation} decides which pod is an endpoint and
 * how, {@link dev.coracle.controllers.endpointslice.SlicePlan} which slices must change, and {@link
 * dev.coracle.controllers.endpointslice.ServiceSlices} writes them.
 */
@NullMarked
package dev.coracle.controllers.endpointslice;

import org.jspecify.annotations.NullMarked;
