/**
 * Gives every namespace its default ServiceAccount and the cluster's certificate authority.
 *
 * <p>Start at {@link dev.coracle.controllers.serviceaccount.ServiceAccountController}.
 */
@NullMarked
package dev.coracle.controllers.serviceaccount;

import org.jspecify.annotations.NullMarked;
