package dev.coracle.cloudlb.api;

/** Somebody asked for a load balancer that does not exist. */
final class UnknownLoadBalancerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownLoadBalancerException(String name) {
        super("load balancer '" + name + "' does not exist");
    }
}
