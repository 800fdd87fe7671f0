/**
 * Makes the DNS service known to the cluster, as an ordinary client of it.
 *
 * <p>Start at {@link dev.coracle.dns.registration.Registration}.
 */
@NullMarked
package dev.coracle.dns.registration;

import org.jspecify.annotations.NullMarked;
