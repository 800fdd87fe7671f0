package dev.coracle.gateway.ingress;

import io.fabric8.kubernetes.api.model.networking.v1.Ingress;

/** Something an Ingress asks for that is not done, said by an event. */
record Refusal(Ingress ingress, String reason, String message) {}
