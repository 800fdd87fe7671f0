/** LimitRanges and ResourceQuotas. */
@NullMarked
package dev.coracle.apiserver.registry.core.limits;

import org.jspecify.annotations.NullMarked;
