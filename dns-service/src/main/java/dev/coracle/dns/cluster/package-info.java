/**
 * The cluster's zone: Services and EndpointSlices to records, questions to answers.
 *
 * <p>Start at {@link dev.coracle.dns.cluster.ServiceRecords}; {@link dev.coracle.dns.cluster.Zone}
 * answers. The rule: no I/O, no clock; {@link dev.coracle.dns.cluster.ZoneWatch} alone talks to the
 * API server.
 */
@NullMarked
package dev.coracle.dns.cluster;

import org.jspecify.annotations.NullMarked;
