/**
 * What goes wrong at the API's edge: the {@code Status} body of Kubernetes and the field errors
 * inside it.
 *
 * <p>Validation collects {@link dev.coracle.apiserver.status.FieldError}s and never throws; a
 * caller's mistake is one {@link dev.coracle.apiserver.status.ApiException}, made by a factory
 * named after the Status reason.
 */
@NullMarked
package dev.coracle.apiserver.status;

import org.jspecify.annotations.NullMarked;
