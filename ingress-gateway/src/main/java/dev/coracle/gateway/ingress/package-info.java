/**
 * Ingresses to routes.
 *
 * <p>Start at {@link dev.coracle.gateway.ingress.IngressTranslation}; {@link
 * dev.coracle.gateway.ingress.IngressWatch} feeds it and swaps the result in.
 */
@NullMarked
package dev.coracle.gateway.ingress;

import org.jspecify.annotations.NullMarked;
