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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One Service and its EndpointSlices to records, by the Kubernetes DNS specification 1.1.0.
 *
 * <p>Below {@code svc.<domain>}: {@code service.namespace} (A: the cluster IP, or all ready
 * endpoints if headless; CNAME if external), {@code _port._protocol.service.namespace} (SRV),
 * {@code endpoint.service.namespace} (A, headless only). PTR for cluster IPs and endpoints of
 * headless Services. A headless Service without ready endpoints has no name.
 */
final class ServiceRecords {

    private final ZoneProperties properties;
    private final Map<DnsName, List<ResourceRecord>> records = new LinkedHashMap<>();

    private ServiceRecords(ZoneProperties properties) {
        this.properties = properties;
    }

    /** The records by name; slices of another family are passed over. */
    static Map<DnsName, List<ResourceRecord>> of(
            ZoneProperties properties, Service service, Collection<EndpointSlice> slices) {
        ServiceRecords translation = new ServiceRecords(properties);
        translation.translate(service, slices);
        return translation.records;
    }

    /** {@code service.namespace.svc.<domain>}. */
    static DnsName name(ZoneProperties properties, String namespace, String service) {
        return DnsName.of(service + "." + namespace + ".svc").in(properties.zone());
    }

    private void translate(Service service, Collection<EndpointSlice> slices) {
        DnsName name =
                name(
                        properties,
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName());
        if ("ExternalName".equals(service.getSpec().getType())) {
            add(
                    name,
                    new Rdata.Name(
                            RecordType.CNAME, DnsName.of(service.getSpec().getExternalName())));
        } else if ("None".equals(service.getSpec().getClusterIP())) {
            slices.stream()
                    .filter(slice -> "IPv4".equals(slice.getAddressType()))
                    .forEach(slice -> headless(name, slice));
        } else if (service.getSpec().getClusterIP() != null) {
            Addresses.parse(service.getSpec().getClusterIP())
                    .ifPresent(address -> clusterIp(service, name, address));
        }
    }

    private void clusterIp(Service service, DnsName name, Inet4Address address) {
        add(name, new Rdata.A(address));
        add(DnsName.reverse(address), new Rdata.Name(RecordType.PTR, name));
        if (service.getSpec().getPorts() != null) {
            for (var port : service.getSpec().getPorts()) {
                findPortName(port.getName(), port.getProtocol(), name)
                        .ifPresent(srv -> add(srv, new Rdata.Srv(0, 100, port.getPort(), name)));
            }
        }
    }

    private void headless(DnsName name, EndpointSlice slice) {
        List<Endpoint> endpoints = slice.getEndpoints() == null ? List.of() : slice.getEndpoints();
        for (Endpoint endpoint : endpoints) {
            boolean ready =
                    endpoint.getConditions() == null
                            || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
            if (ready) {
                for (String text : endpoint.getAddresses()) {
                    Addresses.parse(text)
                            .ifPresent(address -> headless(name, slice, endpoint, address));
                }
            }
        }
    }

    private void headless(
            DnsName name, EndpointSlice slice, Endpoint endpoint, Inet4Address address) {
        String hostname = endpoint.getHostname();
        String own =
                hostname == null || hostname.isEmpty()
                        ? address.getHostAddress().replace('.', '-')
                        : hostname;
        DnsName endpointName = DnsName.of(own).in(name);
        add(name, new Rdata.A(address));
        add(endpointName, new Rdata.A(address));
        add(DnsName.reverse(address), new Rdata.Name(RecordType.PTR, endpointName));
        List<EndpointPort> ports = slice.getPorts() == null ? List.of() : slice.getPorts();
        for (EndpointPort port : ports) {
            if (port.getPort() != null) {
                findPortName(port.getName(), port.getProtocol(), name)
                        .ifPresent(srv ->
                                add(srv, new Rdata.Srv(0, 100, port.getPort(), endpointName)));
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

    private void add(DnsName name, Rdata data) {
        ResourceRecord record = ResourceRecord.in(name, properties.ttlSeconds(), data);
        List<ResourceRecord> known = records.computeIfAbsent(name, _ -> new ArrayList<>());
        if (!known.contains(record)) {
            known.add(record);
        }
    }
}
