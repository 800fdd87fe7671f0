/**
 * The pool of addresses load balancers get.
 *
 * <p>Start at {@link dev.coracle.cloudlb.address.AddressPool}.
 */
@NullMarked
package dev.coracle.cloudlb.address;

import org.jspecify.annotations.NullMarked;
