/**
 * The cluster's certificate authority, the certificates and kubeconfigs made from it, and who a
 * request comes from.
 *
 * <p>Start at {@link dev.coracle.apiserver.authentication.ClusterPki}.
 */
@NullMarked
package dev.coracle.apiserver.authentication;

import org.jspecify.annotations.NullMarked;
