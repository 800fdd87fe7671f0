package dev.coracle.gateway.route;

import java.util.List;

/** Where a route leads: a Service port and its ready endpoints, possibly none. */
public record Backend(String namespace, String service, String port, List<Endpoint> endpoints) {

    /** A pod's address and port. */
    public record Endpoint(String address, int port) {
        @Override
        public String toString() {
            return address + ":" + port;
        }
    }

    public Backend {
        endpoints = List.copyOf(endpoints);
    }

    /** Names the backend across tables. */
    public String key() {
        return namespace + "/" + service + ":" + port;
    }
}
