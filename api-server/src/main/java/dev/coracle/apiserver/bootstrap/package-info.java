/**
 * The objects every cluster has from its first start: the system namespaces and the Service {@code
 * kubernetes}.
 */
@NullMarked
package dev.coracle.apiserver.bootstrap;

import org.jspecify.annotations.NullMarked;
