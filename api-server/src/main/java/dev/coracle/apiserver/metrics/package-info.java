/**
 * What the API server counts, under kube-apiserver's names (Kubernetes Metrics Reference).
 *
 * <p>Flow: {@code MetricsFilter} sees every request -> {@link
 * dev.coracle.apiserver.metrics.ApiMetrics} -> {@code GET /metrics}.
 */
@NullMarked
package dev.coracle.apiserver.metrics;

import org.jspecify.annotations.NullMarked;
