package dev.coracle.dns.cluster;

import dev.coracle.dns.cluster.ZoneProperties.PodRecords;
import dev.coracle.dns.wire.DnsName;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Why a name of the zone has the records it has, in words.
 *
 * @param service finds a Service by {@code namespace/name}
 * @param slices finds its EndpointSlices
 */
record ZoneExplanation(
        ZoneProperties properties,
        Zone zone,
        Function<String, @Nullable Service> service,
        Function<String, Collection<EndpointSlice>> slices) {

    /** Empty for a name that is not the zone's. */
    String why(DnsName name) {
        DnsName domain = properties.zone();
        if (!name.isAtOrBelow(domain)) {
            return zone.find(name) == null ? "" : "the cluster's zone has the name " + name;
        }
        List<String> below =
                name.labels().subList(0, name.labels().size() - domain.labels().size());
        if (below.isEmpty()) {
            return "the zone " + domain + " itself";
        }
        return switch (below.getLast().toLowerCase(Locale.ROOT)) {
            case "svc" -> service(name, below.subList(0, below.size() - 1));
            case "pod" -> pod();
            default ->
                    zone.find(name) == null
                            ? "the zone " + domain + " has no name " + name
                            : "the zone " + domain + " has the name of itself";
        };
    }

    private String service(DnsName name, List<String> path) {
        if (path.size() < 2) {
            return zone.find(name) == null
                    ? "no Service in namespace '" + path.getFirst() + "' has a name"
                    : "only names below " + name + " have records";
        }
        String key = path.getLast() + "/" + path.get(path.size() - 2);
        Service found = service.apply(key);
        if (found == null) {
            return "no Service '" + key + "'";
        }
        String kind = kind(key, found);
        return path.size() > 2 && zone.find(name) == null
                ? kind
                        + ", and nothing named '"
                        + String.join(".", path.subList(0, path.size() - 2))
                        + "'"
                : kind;
    }

    private String kind(String key, Service found) {
        if ("ExternalName".equals(found.getSpec().getType())) {
            return "Service '%s' is an alias of %s"
                    .formatted(key, found.getSpec().getExternalName());
        } else if (!"None".equals(found.getSpec().getClusterIP())) {
            return "Service '%s' has the cluster IP %s"
                    .formatted(key, found.getSpec().getClusterIP());
        }
        long all = 0;
        long ready = 0;
        for (EndpointSlice slice : slices.apply(key)) {
            for (var endpoint : slice.getEndpoints()) {
                all++;
                if (endpoint.getConditions() == null
                        || !Boolean.FALSE.equals(endpoint.getConditions().getReady())) {
                    ready++;
                }
            }
        }
        return "Service '%s' is headless with %d endpoints, %d of them ready"
                .formatted(key, all, ready);
    }

    private String pod() {
        return switch (properties.pods()) {
            case PodRecords.DISABLED -> "names of pods are disabled";
            case PodRecords.INSECURE -> "names of pods are their addresses, nothing is verified";
            case PodRecords.VERIFIED -> "names of pods are those of pods there are";
        };
    }
}
