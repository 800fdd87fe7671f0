/**
 * One class for each verb of the API, and the path that leads to it.
 *
 * <p>Flow: {@link dev.coracle.apiserver.endpoint.ApiRouter} -> {@code RequestTarget} -> a verb ->
 * {@code Representation}. Errors become a Status in one place, {@link
 * dev.coracle.apiserver.endpoint.StatusErrors}.
 */
@NullMarked
package dev.coracle.apiserver.endpoint;

import org.jspecify.annotations.NullMarked;
