/**
 * The cluster's network fabric: the address plan, the island of network namespaces built from it,
 * and sockets inside those namespaces.
 *
 * <p>{@link dev.coracle.fabric.AddressPlan} says which address is whose; {@code island} turns it
 * into namespaces, links and routes; {@code netns} opens sockets there. Start at {@link
 * dev.coracle.fabric.AddressPlan}.
 *
 * <p>Rule: plain Java, no Spring and no Kubernetes.
 */
@NullMarked
package dev.coracle.fabric;

import org.jspecify.annotations.NullMarked;
