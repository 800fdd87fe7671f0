package dev.coracle.cloudlb.api;

import io.swagger.v3.oas.annotations.media.Schema;

/** An address that is taken, as JSON. */
@Schema(name = "Address")
record AddressDocument(
        String address,
        @Schema(description = "The load balancer that has it.") String loadBalancer) {}
