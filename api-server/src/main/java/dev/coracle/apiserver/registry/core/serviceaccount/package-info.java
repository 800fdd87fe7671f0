/** ServiceAccounts. */
@NullMarked
package dev.coracle.apiserver.registry.core.serviceaccount;

import org.jspecify.annotations.NullMarked;
