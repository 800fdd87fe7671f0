package dev.coracle.dns.cluster;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.cluster.ZoneProperties.PodRecords;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.MessageEncoder;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's names and its answers.
 *
 * <p>{@link ZoneWriter} changes it, one name after the other; everybody else reads, from any
 * thread.
 */
public final class Zone {

    private static final Pattern DASHED_IPV4 = Pattern.compile("\\d{1,3}(-\\d{1,3}){3}");
    private static final DnsName REVERSE = DnsName.of("in-addr.arpa");

    private final ZoneProperties properties;
    private final DnsName domain;
    private final DnsName host;
    private final DnsName pods;
    private final byte[] domainWire;
    private final byte[] podsWire;
    private final NameTable names;
    private final PodAddresses podAddresses;
    private volatile ResourceRecord soa;
    private volatile byte[] soaWire;

    Zone(ZoneProperties properties, NameTable names, PodAddresses podAddresses) {
        this.properties = properties;
        this.domain = properties.zone();
        this.host = DnsName.of(properties.hostName());
        this.pods = properties.podZone();
        this.domainWire = domain.wire();
        this.podsWire = pods.wire();
        this.names = names;
        this.podAddresses = podAddresses;
        this.soa = soa(properties, 0);
        this.soaWire = MessageEncoder.record(soa);
    }

    static ResourceRecord soa(ZoneProperties properties, long serial) {
        DnsName domain = properties.zone();
        return ResourceRecord.in(
                domain,
                properties.ttlSeconds(),
                new Rdata.Soa(
                        DnsName.of("ns.dns").in(domain),
                        DnsName.of("hostmaster").in(domain),
                        serial,
                        7200,
                        1800,
                        86400,
                        properties.ttlSeconds()));
    }

    void newVersion(ResourceRecord newSoa) {
        soa = newSoa;
        soaWire = MessageEncoder.record(newSoa);
    }

    /** The SOA record with its owner written out, for the authority section. */
    public byte[] authority() {
        return soaWire;
    }

    /**
     * What is known of a name in lower case.
     *
     * @param hash of the octets as {@link java.util.Arrays#hashCode(byte[])} has it, from zero
     */
    public @Nullable NameRecords find(byte[] wire, int length, int hash) {
        return names.find(wire, length, NameTable.spread(hash));
    }

    /**
     * Whether a name that is not found does not exist: it is this zone's, and no pod's.
     *
     * @param wire the name in lower case, {@code length} octets of it
     */
    public boolean excludes(byte[] wire, int length) {
        return endsWith(wire, length, domainWire) && !endsWith(wire, length, podsWire);
    }

    private static boolean endsWith(byte[] wire, int length, byte[] suffix) {
        int start = length - suffix.length;
        if (start < 0 || !Arrays.equals(wire, start, length, suffix, 0, suffix.length)) {
            return false;
        }
        int at = 0;
        while (at < start) {
            at += wire[at] + 1;
        }
        return at == start;
    }

    @Nullable NameRecords find(DnsName name) {
        return names.find(name.wire());
    }

    private boolean isOurs(DnsName name) {
        return name.isAtOrBelow(domain) || name.isAtOrBelow(host) || name.isAtOrBelow(REVERSE);
    }

    /** Empty if the name is not this zone's. */
    public Optional<Answer> answer(Question question) {
        if (!isOurs(question.name())) {
            return Optional.empty();
        }
        NameRecords found = find(question.name());
        if (found == null) {
            return findPodRecord(question).or(() -> reverseOrAbsent(question));
        }
        List<ResourceRecord> known = found.records();
        for (ResourceRecord record : known) {
            if (record.data() instanceof Rdata.Name(int type, DnsName target)
                    && type == RecordType.CNAME) {
                return Optional.of(new Answer.Alias(record, target));
            }
        }
        List<ResourceRecord> matching =
                known.stream()
                        .filter(r ->
                                question.type() == RecordType.ANY
                                        || r.data().type() == question.type())
                        .toList();
        return Optional.of(
                matching.isEmpty()
                        ? new Answer.NoData(List.of(), List.of(soa))
                        : new Answer.Records(matching, targets(matching), true));
    }

    /** An address that is not the cluster's may have a name outside. */
    private Optional<Answer> reverseOrAbsent(Question question) {
        return question.name().isAtOrBelow(REVERSE)
                ? Optional.empty()
                : Optional.of(new Answer.NxDomain(List.of(), List.of(soa)));
    }

    /** {@code 10-244-0-7.<namespace>.pod}: the address is in the name. */
    private Optional<Answer> findPodRecord(Question question) {
        List<String> labels = question.name().labels();
        boolean shape =
                properties.pods() != PodRecords.DISABLED
                        && labels.size() == pods.labels().size() + 2
                        && question.name().isAtOrBelow(pods)
                        && DASHED_IPV4.matcher(labels.getFirst()).matches();
        if (!shape) {
            return Optional.empty();
        }
        Optional<Inet4Address> address =
                Addresses.parse(labels.getFirst().replace('-', '.'))
                        .filter(found ->
                                properties.pods() == PodRecords.INSECURE
                                        || podAddresses.has(labels.get(1), found));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        if (question.type() != RecordType.A && question.type() != RecordType.ANY) {
            return Optional.of(new Answer.NoData(List.of(), List.of(soa)));
        }
        var record = ResourceRecord.in(question.name(), soa.ttl(), new Rdata.A(address.get()));
        return Optional.of(new Answer.Records(List.of(record), List.of(), true));
    }

    /** The addresses of SRV targets, so that clients need not ask again. */
    private List<ResourceRecord> targets(List<ResourceRecord> answers) {
        Set<ResourceRecord> additionals = new LinkedHashSet<>();
        for (ResourceRecord answer : answers) {
            if (answer.data() instanceof Rdata.Srv srv) {
                NameRecords target = find(srv.target());
                if (target != null) {
                    target.records().stream()
                            .filter(r -> r.data() instanceof Rdata.A)
                            .forEach(additionals::add);
                }
            }
        }
        return new ArrayList<>(additionals);
    }
}
