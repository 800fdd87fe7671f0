/** EndpointSlices. */
@NullMarked
package dev.coracle.apiserver.registry.discovery;

import org.jspecify.annotations.NullMarked;
