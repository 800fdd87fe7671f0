/** Leases. */
@NullMarked
package dev.coracle.apiserver.registry.coordination;

import org.jspecify.annotations.NullMarked;
