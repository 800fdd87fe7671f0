/** What the server counts. Start at {@link dev.coracle.dns.metrics.DnsMetrics}. */
@NullMarked
package dev.coracle.dns.metrics;

import org.jspecify.annotations.NullMarked;
