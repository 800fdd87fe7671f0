/** Ingresses and IngressClasses. */
@NullMarked
package dev.coracle.apiserver.registry.networking;

import org.jspecify.annotations.NullMarked;
