package dev.coracle.cloudlb.balancer;

/** What has become of a request. */
public sealed interface LoadBalancerState {

    /** Being made. */
    record Provisioning() implements LoadBalancerState {}

    /** Serving at {@code address}. */
    record Active(String address) implements LoadBalancerState {}

    /** Cannot be made as asked. */
    record Failed(String reason) implements LoadBalancerState {}
}
