/** CertificateSigningRequests. */
@NullMarked
package dev.coracle.apiserver.registry.certificates;

import org.jspecify.annotations.NullMarked;
