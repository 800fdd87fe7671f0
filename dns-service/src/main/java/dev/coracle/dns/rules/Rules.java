package dev.coracle.dns.rules;

import dev.coracle.dns.wire.DnsName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a user has configured beyond the cluster.
 *
 * @param rewrites the first that fits is applied, once
 * @param hosts addresses by name
 * @param stubZones resolvers for all names at and below a name
 */
public record Rules(
        List<Rewrite> rewrites,
        Map<DnsName, List<InetAddress>> hosts,
        Map<DnsName, List<InetSocketAddress>> stubZones) {

    public static final Rules NONE = new Rules(List.of(), Map.of(), Map.of());

    public Rules {
        rewrites = List.copyOf(rewrites);
        hosts = Map.copyOf(hosts);
        stubZones = Map.copyOf(stubZones);
    }

    /**
     * One name for another, or with {@code suffix} one ending of names for another.
     *
     * @param from the name or ending that is asked for
     * @param to what is looked up in its place
     */
    public record Rewrite(DnsName from, DnsName to, boolean suffix) {

        /** What to look up for {@code asked}, if this fits. */
        Optional<DnsName> apply(DnsName asked) {
            if (!suffix) {
                return asked.equals(from) ? Optional.of(to) : Optional.empty();
            }
            int depth = asked.labels().size() - from.labels().size();
            return asked.isAtOrBelow(from)
                    ? Optional.of(new DnsName(asked.labels().subList(0, depth)).in(to))
                    : Optional.empty();
        }
    }

    /** What to look up in place of {@code asked}; empty if no rule says. */
    public Optional<DnsName> rewritten(DnsName asked) {
        return rewrites.stream().flatMap(rule -> rule.apply(asked).stream()).findFirst();
    }
}
