/** Roles and their bindings. */
@NullMarked
package dev.coracle.apiserver.registry.rbac;

import org.jspecify.annotations.NullMarked;
