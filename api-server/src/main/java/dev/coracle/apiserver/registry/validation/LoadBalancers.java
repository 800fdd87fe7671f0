package dev.coracle.apiserver.registry.validation;

/** The {@code loadBalancer} in a status of Services and Ingresses. */
public final class LoadBalancers {

    private LoadBalancers() {}

    public static void check(Check loadBalancer) {
        loadBalancer.each(
                "ingress",
                point -> {
                    point.shaped("ip", Addresses::address).shaped("hostname", Names::subdomain);
                    if (point.has("hostname")
                            && Addresses.parse(point.text("hostname")).isPresent()) {
                        point.invalid("hostname", "must be a DNS name, not an IP address");
                    }
                });
    }
}
