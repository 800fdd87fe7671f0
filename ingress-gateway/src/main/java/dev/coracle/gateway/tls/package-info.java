/**
 * Certificates by server name (SNI).
 *
 * <p>Start at {@link dev.coracle.gateway.tls.TlsTable}; a {@link
 * dev.coracle.gateway.tls.ServerCertificate} is what a Secret of type {@code kubernetes.io/tls}
 * holds.
 */
@NullMarked
package dev.coracle.gateway.tls;

import org.jspecify.annotations.NullMarked;
