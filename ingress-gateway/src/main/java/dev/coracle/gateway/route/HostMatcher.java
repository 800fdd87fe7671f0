package dev.coracle.gateway.route;

import java.util.Locale;

/** Which hosts a route is for; more specific kinds have a higher rank. */
public sealed interface HostMatcher {

    boolean matches(String host);

    int rank();

    /** Every host. */
    record Any() implements HostMatcher {
        @Override
        public boolean matches(String host) {
            return true;
        }

        @Override
        public int rank() {
            return 0;
        }

        @Override
        public String toString() {
            return "*";
        }
    }

    /** {@code *.suffix}: exactly one more label. */
    record Wildcard(String suffix) implements HostMatcher {
        @Override
        public boolean matches(String host) {
            int dot = host.indexOf('.');
            return dot > 0 && host.substring(dot + 1).equals(suffix);
        }

        @Override
        public int rank() {
            return 1;
        }

        @Override
        public String toString() {
            return "*." + suffix;
        }
    }

    /** One host. */
    record Exact(String name) implements HostMatcher {
        @Override
        public boolean matches(String host) {
            return host.equals(name);
        }

        @Override
        public int rank() {
            return 2;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** As an Ingress writes it; empty is every host. */
    static HostMatcher of(String text) {
        String host = text.toLowerCase(Locale.ROOT);
        if (host.isEmpty()) {
            return new Any();
        }
        return host.startsWith("*.") ? new Wildcard(host.substring(2)) : new Exact(host);
    }
}
