/**
 * Ports that an engine publishes, each leading to a load balancer's address, for machines that
 * cannot dial that address.
 *
 * <p>Start at {@link dev.coracle.cloudlb.published.PublishedPorts}; {@link
 * dev.coracle.cloudlb.published.PortChoice} decides which is whose.
 */
@NullMarked
package dev.coracle.cloudlb.published;

import org.jspecify.annotations.NullMarked;
