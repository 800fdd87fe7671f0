/**
 * Gives every namespace its default ServiceAccount and the cluster's certificate authority, and
 * token Secrets their tokens.
 *
 * <p>Start at {@link dev.coracle.controllers.serviceaccount.ServiceAccountController} and {@link
 * dev.coracle.controllers.serviceaccount.TokenController}.
 */
@NullMarked
package dev.coracle.controllers.serviceaccount;

import org.jspecify.annotations.NullMarked;
