package dev.coracle.dns.cluster;

import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes a {@link Zone}, a Service at a time: a change costs what the Service's own names do. For
 * one thread.
 */
public final class ZoneWriter {

    private static final String OWN = "";

    private final ZoneProperties properties;
    private final DnsName domain;
    private final NameTable table = new NameTable();
    private final PodAddresses pods = new PodAddresses();
    private final Zone zone;
    private final Map<DnsName, Sources> names = new HashMap<>();
    private final Map<String, Set<DnsName>> namesOf = new HashMap<>();
    private long serial;

    /** Who says what of a name; {@code below} is how many names with records are below it. */
    private static final class Sources {
        private final Map<String, List<ResourceRecord>> records = new HashMap<>(2);
        private int below;
    }

    /** A zone that knows itself and no Service. */
    public ZoneWriter(ZoneProperties properties) {
        this.properties = properties;
        this.domain = properties.zone();
        this.zone = new Zone(properties, table, pods);
        replace(OWN, own());
    }

    public Zone zone() {
        return zone;
    }

    /** How many Services have names. */
    public int services() {
        return namesOf.size() - 1;
    }

    PodAddresses pods() {
        return pods;
    }

    /** Makes the zone say what the Service is now; null is no Service. */
    public void set(
            String namespace,
            String name,
            @Nullable Service service,
            Collection<EndpointSlice> slices) {
        replace(
                namespace + "/" + name,
                service == null ? Map.of() : ServiceRecords.of(properties, service, slices));
    }

    private Map<DnsName, List<ResourceRecord>> own() {
        Map<DnsName, List<ResourceRecord>> own = new HashMap<>();
        DnsName server = DnsName.of("ns.dns").in(domain);
        ResourceRecord soa = Zone.soa(properties, serial);
        own.put(domain, List.of(soa, record(domain, new Rdata.Name(RecordType.NS, server))));
        Addresses.parse(properties.serverAddress())
                .ifPresent(a -> own.put(server, List.of(record(server, new Rdata.A(a)))));
        DnsName version = DnsName.of("dns-version").in(domain);
        own.put(version, List.of(record(version, new Rdata.Txt(List.of("1.1.0")))));
        DnsName host = DnsName.of(properties.hostName());
        Addresses.parse(properties.hostAddress())
                .ifPresent(a -> own.put(host, List.of(record(host, new Rdata.A(a)))));
        own.put(DnsName.of("svc").in(domain), List.of());
        own.put(properties.podZone(), List.of());
        return own;
    }

    private ResourceRecord record(DnsName name, Rdata data) {
        return ResourceRecord.in(name, properties.ttlSeconds(), data);
    }

    private void replace(String source, Map<DnsName, List<ResourceRecord>> records) {
        Set<DnsName> before = namesOf.getOrDefault(source, Set.of());
        Set<DnsName> touched = new HashSet<>();
        for (DnsName name : before) {
            if (!records.containsKey(name)) {
                forget(source, name, touched);
            }
        }
        records.forEach((name, list) -> say(source, name, list, touched));
        if (records.isEmpty()) {
            namesOf.remove(source);
        } else {
            namesOf.put(source, Set.copyOf(records.keySet()));
        }
        if (touched.isEmpty()) {
            return;
        }
        touched.forEach(this::publish);
        serial++;
        ResourceRecord soa = Zone.soa(properties, serial);
        Sources apex = names.get(domain);
        if (apex != null) {
            List<ResourceRecord> ofApex =
                    new ArrayList<>(apex.records.getOrDefault(OWN, List.of()));
            ofApex.removeIf(r -> r.data() instanceof Rdata.Soa);
            ofApex.addFirst(soa);
            apex.records.put(OWN, ofApex);
            publish(domain);
        }
        zone.newVersion(soa);
    }

    private void say(String source, DnsName name, List<ResourceRecord> list, Set<DnsName> touched) {
        Sources sources = names.computeIfAbsent(name, _ -> new Sources());
        boolean fresh = sources.records.isEmpty();
        List<ResourceRecord> old = sources.records.put(source, List.copyOf(list));
        if (!list.equals(old)) {
            touched.add(name);
        }
        if (fresh) {
            for (DnsName above : above(name)) {
                Sources upper = names.computeIfAbsent(above, _ -> new Sources());
                if (upper.below++ == 0) {
                    touched.add(above);
                }
            }
        }
    }

    private void forget(String source, DnsName name, Set<DnsName> touched) {
        Sources sources = names.get(name);
        if (sources == null || sources.records.remove(source) == null) {
            return;
        }
        touched.add(name);
        if (sources.records.isEmpty()) {
            for (DnsName above : above(name)) {
                Sources upper = names.get(above);
                if (upper != null && --upper.below == 0) {
                    touched.add(above);
                }
            }
        }
    }

    /** The names between this one and the domain: each exists too (RFC 8020). */
    private List<DnsName> above(DnsName name) {
        if (!name.isAtOrBelow(domain)) {
            return List.of();
        }
        List<DnsName> above = new ArrayList<>();
        for (int i = 1; i < name.labels().size() - domain.labels().size(); i++) {
            above.add(name.parent(i));
        }
        return above;
    }

    private void publish(DnsName name) {
        Sources sources = names.get(name);
        if (sources == null || (sources.records.isEmpty() && sources.below == 0)) {
            names.remove(name);
            table.put(name.wire(), null);
            return;
        }
        List<ResourceRecord> all = new ArrayList<>();
        sources.records.values().forEach(all::addAll);
        table.put(name.wire(), new NameRecords(all));
    }
}
