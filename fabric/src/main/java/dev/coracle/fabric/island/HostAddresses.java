package dev.coracle.fabric.island;

import dev.coracle.fabric.AddressPlan.Taken;
import dev.coracle.fabric.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@code ip route show table all} prints. Pure. */
final class HostAddresses {

    private static final Pattern ROUTE =
            Pattern.compile(
                    "(?:(?:unicast|local|broadcast|unreachable|blackhole|prohibit|throw) )?"
                            + "(\\d+\\.\\d+\\.\\d+\\.\\d+(?:/\\d+)?)(?: .*)?");

    private HostAddresses() {}

    /** The ranges that routes lead to, without the default route and what {@code plan} made. */
    static List<Taken> parse(String routes, FabricPlan plan) {
        List<Taken> taken = new ArrayList<>();
        for (String line : routes.lines().toList()) {
            String route = line.strip();
            Matcher matcher = ROUTE.matcher(route);
            if (matcher.matches() && !isOurs(route, plan)) {
                String range = matcher.group(1);
                taken.add(
                        new Taken(
                                Cidr.of(range.contains("/") ? range : range + "/32"),
                                "route " + route));
            }
        }
        return taken;
    }

    private static boolean isOurs(String route, FabricPlan plan) {
        String padded = route + " ";
        return padded.contains(" proto " + FabricPlan.ROUTE_PROTOCOL + " ")
                || padded.contains(" dev " + plan.hostLink() + " ");
    }
}
