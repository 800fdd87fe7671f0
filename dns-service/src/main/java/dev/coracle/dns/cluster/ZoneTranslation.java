package dev.coracle.dns.cluster;

import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Services and EndpointSlices to a {@link Zone}, by the Kubernetes DNS specification 1.1.0.
 *
 * <p>Below {@code svc.<domain>}: {@code service.namespace} (A: the cluster IP, or all ready
 * endpoints if headless; CNAME if external), {@code _port._protocol.service.namespace} (SRV),
 * {@code endpoint.service.namespace} (A, headless only). PTR for cluster IPs and endpoints of
 * headless Services.
 */
public final class ZoneTranslation {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final ZoneProperties properties;
    private final DnsName domain;
    private final Map<DnsName, List<ResourceRecord>> records = new LinkedHashMap<>();

    private ZoneTranslation(ZoneProperties properties) {
        this.properties = properties;
        this.domain = DnsName.of(properties.domain());
    }

    /** {@code serial} is the zone's version, for its SOA. */
    public static Zone translate(
            ZoneProperties properties,
            long serial,
            Collection<Service> services,
            Collection<EndpointSlice> slices) {
        return new ZoneTranslation(properties).zone(serial, services, slices);
    }

    private Zone zone(long serial, Collection<Service> services, Collection<EndpointSlice> slices) {
        Map<String, List<EndpointSlice>> byService = new HashMap<>();
        for (EndpointSlice slice : slices) {
            Map<String, String> labels = slice.getMetadata().getLabels();
            String service = labels == null ? null : labels.get(SERVICE_NAME);
            if (service != null && "IPv4".equals(slice.getAddressType())) {
                byService
                        .computeIfAbsent(
                                slice.getMetadata().getNamespace() + "/" + service,
                                _ -> new ArrayList<>())
                        .add(slice);
            }
        }
        DnsName server = DnsName.of("ns.dns").in(domain);
        ResourceRecord soa =
                record(
                        domain,
                        new Rdata.Soa(
                                server,
                                DnsName.of("hostmaster").in(domain),
                                serial,
                                7200,
                                1800,
                                86400,
                                properties.ttlSeconds()));
        add(soa);
        add(record(domain, new Rdata.Name(RecordType.NS, server)));
        Zone.findAddress(properties.serverAddress())
                .ifPresent(a -> add(record(server, new Rdata.A(a))));
        add(record(DnsName.of("dns-version").in(domain), new Rdata.Txt(List.of("1.1.0"))));
        DnsName host = DnsName.of(properties.hostName());
        Zone.findAddress(properties.hostAddress())
                .ifPresent(a -> add(record(host, new Rdata.A(a))));
        for (Service service : services) {
            String key =
                    service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
            translate(service, byService.getOrDefault(key, List.of()));
        }
        addEmptyNames();
        Set<DnsName> apexes = Set.of(domain, host, DnsName.of("in-addr.arpa"));
        return new Zone(apexes, domain, records, soa);
    }

    private void translate(Service service, List<EndpointSlice> slices) {
        DnsName name =
                DnsName.of(
                                service.getMetadata().getName()
                                        + "."
                                        + service.getMetadata().getNamespace()
                                        + ".svc")
                        .in(domain);
        if ("ExternalName".equals(service.getSpec().getType())) {
            add(
                    record(
                            name,
                            new Rdata.Name(
                                    RecordType.CNAME,
                                    DnsName.of(service.getSpec().getExternalName()))));
        } else if ("None".equals(service.getSpec().getClusterIP())) {
            slices.forEach(slice -> headless(name, slice));
        } else if (service.getSpec().getClusterIP() != null) {
            Zone.findAddress(service.getSpec().getClusterIP())
                    .ifPresent(address -> clusterIp(service, name, address));
        }
    }

    private void clusterIp(Service service, DnsName name, Inet4Address address) {
        add(record(name, new Rdata.A(address)));
        add(record(reverse(address), new Rdata.Name(RecordType.PTR, name)));
        if (service.getSpec().getPorts() != null) {
            for (var port : service.getSpec().getPorts()) {
                findPortName(port.getName(), port.getProtocol(), name)
                        .ifPresent(srv ->
                                add(record(srv, new Rdata.Srv(0, 100, port.getPort(), name))));
            }
        }
    }

    private void headless(DnsName name, EndpointSlice slice) {
        List<Endpoint> endpoints = slice.getEndpoints() == null ? List.of() : slice.getEndpoints();
        for (Endpoint endpoint : endpoints) {
            boolean ready =
                    endpoint.getConditions() == null
                            || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
            if (!ready) {
                continue;
            }
            for (String text : endpoint.getAddresses()) {
                Zone.findAddress(text)
                        .ifPresent(address -> headless(name, slice, endpoint, address));
            }
        }
    }

    private void headless(
            DnsName name, EndpointSlice slice, Endpoint endpoint, Inet4Address address) {
        String own =
                endpoint.getHostname() == null
                        ? address.getHostAddress().replace('.', '-')
                        : endpoint.getHostname();
        DnsName endpointName = DnsName.of(own).in(name);
        add(record(name, new Rdata.A(address)));
        add(record(endpointName, new Rdata.A(address)));
        add(record(reverse(address), new Rdata.Name(RecordType.PTR, endpointName)));
        List<EndpointPort> ports = slice.getPorts() == null ? List.of() : slice.getPorts();
        for (EndpointPort port : ports) {
            if (port.getPort() != null) {
                findPortName(port.getName(), port.getProtocol(), name)
                        .ifPresent(srv ->
                                add(
                                        record(
                                                srv,
                                                new Rdata.Srv(
                                                        0, 100, port.getPort(), endpointName))));
            }
        }
    }

    private static Optional<DnsName> findPortName(String port, String protocol, DnsName service) {
        if (port == null || port.isEmpty()) {
            return Optional.empty();
        }
        String transport = protocol == null ? "tcp" : protocol.toLowerCase(Locale.ROOT);
        return Optional.of(DnsName.of("_" + port + "._" + transport).in(service));
    }

    /** Every name above one with records exists too (RFC 8020). */
    private void addEmptyNames() {
        Set<DnsName> above = new HashSet<>();
        for (DnsName name : records.keySet()) {
            if (name.isAtOrBelow(domain)) {
                for (int i = 1; i < name.labels().size() - domain.labels().size(); i++) {
                    above.add(name.parent(i));
                }
            }
        }
        above.add(DnsName.of("svc").in(domain));
        above.add(DnsName.of("pod").in(domain));
        above.forEach(name -> records.putIfAbsent(name, List.of()));
    }

    private ResourceRecord record(DnsName name, Rdata data) {
        return ResourceRecord.in(name, properties.ttlSeconds(), data);
    }

    private void add(ResourceRecord record) {
        List<ResourceRecord> known = records.computeIfAbsent(record.name(), _ -> new ArrayList<>());
        if (!known.contains(record)) {
            known.add(record);
        }
    }

    private static DnsName reverse(Inet4Address address) {
        List<String> octets = List.of(address.getHostAddress().split("\\.", -1));
        return DnsName.of(String.join(".", octets.reversed()) + ".in-addr.arpa");
    }
}
