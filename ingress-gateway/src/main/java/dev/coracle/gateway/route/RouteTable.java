package dev.coracle.gateway.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * All routes at one moment. The most specific host with any route decides, then the most specific
 * path; among equals the earlier route in the list. Immutable.
 *
 * @param routes oldest first
 * @param defaults the backends for requests that no route matches, oldest first
 */
public record RouteTable(List<Route> routes, List<Route> defaults) {

    public static final RouteTable EMPTY = new RouteTable(List.of(), List.of());

    public RouteTable {
        List<Route> sorted = new ArrayList<>(routes);
        // the sort is stable: equals stay oldest first
        sorted.sort(
                Comparator.comparingInt((Route r) -> -r.host().rank())
                        .thenComparing(
                                Comparator.comparingInt((Route r) -> r.path().rank()).reversed()));
        routes = List.copyOf(sorted);
        defaults = List.copyOf(defaults);
    }

    /**
     * The route of a request.
     *
     * @param authority the Host header, port and all
     * @param path without query
     */
    public Optional<Route> find(String authority, String path) {
        String host = host(authority);
        int rank = -1;
        for (Route route : routes) {
            boolean sameHost = rank < 0 || route.host().rank() == rank;
            if (sameHost && route.host().matches(host)) {
                rank = route.host().rank();
                if (route.path().matches(path)) {
                    return Optional.of(route);
                }
            }
        }
        return defaults.stream().findFirst();
    }

    private static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        boolean port = colon > 0 && authority.indexOf(']') < colon;
        return (port ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
    }
}
