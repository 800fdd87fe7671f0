/**
 * The addresses of Services as objects (KEP-1880): what kube-apiserver's IP repair and the
 * ServiceCIDR controller do.
 *
 * <p>A Service is written, its ClusterIP allocated; {@link
 * dev.coracle.apiserver.serviceaddress.ServiceAddressObjects} hears of it and keeps one IPAddress
 * for it. A ServiceCIDR is written: addresses are allocated from it until it is deleted, and it
 * stays as long as addresses of it are in use. Start at {@code ServiceAddressObjects}.
 *
 * <p>Rule: the pool decides who has an address; the objects follow it.
 */
@NullMarked
package dev.coracle.apiserver.serviceaddress;

import org.jspecify.annotations.NullMarked;
