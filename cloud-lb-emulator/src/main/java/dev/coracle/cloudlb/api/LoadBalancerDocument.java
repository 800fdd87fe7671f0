package dev.coracle.cloudlb.api;

import dev.coracle.cloudlb.balancer.LoadBalancer;
import dev.coracle.cloudlb.balancer.LoadBalancerSpec;
import dev.coracle.cloudlb.balancer.LoadBalancerState;
import dev.coracle.cloudlb.target.HealthCheck;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A load balancer as JSON. What the provider sets is ignored in requests. */
@Schema(
        name = "LoadBalancer",
        description = "A load balancer: an address with listeners that lead to targets.")
record LoadBalancerDocument(
        @Schema(description = "The key: 1 to 63 of a-z, 0-9, '-' and '.'.") String name,
        @Schema(description = "The address; in a request the one wanted, absent: any of the pool.")
                @Nullable String address,
        List<LoadBalancerSpec.Listener> listeners,
        @Nullable List<LoadBalancerSpec.Target> targets,
        @Nullable HealthCheck healthCheck,
        @Schema(description = "Who may connect, as address/length; absent: everybody.")
                @Nullable List<String> sourceRanges,
        @Schema(description = "Connections from one address go to one target.")
                @Nullable Boolean sourceAffinity,
        @Schema(
                        description = "provisioning, active or failed.",
                        accessMode = Schema.AccessMode.READ_ONLY)
                @Nullable String state,
        @Schema(description = "Why it failed.", accessMode = Schema.AccessMode.READ_ONLY)
                @Nullable String stateReason,
        @Schema(accessMode = Schema.AccessMode.READ_ONLY) @Nullable String createdAt) {

    static LoadBalancerDocument of(LoadBalancer balancer) {
        LoadBalancerSpec spec = balancer.spec();
        LoadBalancerState state = balancer.state();
        return new LoadBalancerDocument(
                spec.name(),
                state instanceof LoadBalancerState.Active(String address)
                        ? address
                        : spec.address(),
                spec.listeners(),
                spec.targets(),
                spec.healthCheck(),
                spec.sourceRanges(),
                spec.sourceAffinity(),
                word(state),
                state instanceof LoadBalancerState.Failed(String reason) ? reason : null,
                balancer.createdAt().toString());
    }

    LoadBalancerSpec toSpec() {
        return new LoadBalancerSpec(
                Objects.requireNonNullElse(name, ""),
                Objects.requireNonNullElse(address, ""),
                Objects.requireNonNullElse(listeners, List.of()),
                Objects.requireNonNullElse(targets, List.of()),
                Objects.requireNonNullElse(
                        healthCheck,
                        new HealthCheck(HealthCheck.Protocol.TCP, 0, "/", 5000, 2000, 1, 2)),
                Objects.requireNonNullElse(sourceRanges, List.of()),
                Boolean.TRUE.equals(sourceAffinity));
    }

    private static String word(LoadBalancerState state) {
        return switch (state) {
            case LoadBalancerState.Provisioning _ -> "provisioning";
            case LoadBalancerState.Active _ -> "active";
            case LoadBalancerState.Failed _ -> "failed";
        };
    }
}
