package dev.coracle.cloudlb.api;

import dev.coracle.cloudlb.balancer.LoadBalancer;
import dev.coracle.cloudlb.target.TargetHealth;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A target's health as JSON. */
@Schema(name = "TargetHealth")
record TargetDocument(
        String name,
        String address,
        @Schema(description = "initial, healthy, unhealthy or draining.") String state,
        @Schema(description = "Why it is unhealthy.") @Nullable String reason,
        int activeConnections) {

    static TargetDocument of(LoadBalancer.TargetReport report) {
        return new TargetDocument(
                report.name(),
                report.address(),
                report.health().word(),
                report.health() instanceof TargetHealth.Unhealthy(String reason, int _)
                        ? reason
                        : null,
                report.activeConnections());
    }
}
