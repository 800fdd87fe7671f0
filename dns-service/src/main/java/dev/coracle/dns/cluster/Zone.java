package dev.coracle.dns.cluster;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The records of the cluster at one moment, and its answers. Immutable.
 *
 * @param apexes the names this zone is authoritative at and below
 * @param records the records by owner name; a name with an empty list exists and has none
 */
public record Zone(
        Set<DnsName> apexes,
        DnsName domain,
        Map<DnsName, List<ResourceRecord>> records,
        ResourceRecord soa) {

    private static final Pattern DASHED_IPV4 = Pattern.compile("\\d{1,3}(-\\d{1,3}){3}");

    public Zone {
        apexes = Set.copyOf(apexes);
        records = Map.copyOf(records);
    }

    /** Empty if the name is not this zone's. */
    public Optional<Answer> answer(Question question) {
        if (apexes.stream().noneMatch(apex -> question.name().isAtOrBelow(apex))) {
            return Optional.empty();
        }
        List<ResourceRecord> known = records.get(question.name());
        if (known == null) {
            return findPodRecord(question).or(() -> reverseOrAbsent(question));
        }
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
        return question.name().isAtOrBelow(domain)
                ? Optional.of(new Answer.NxDomain(List.of(), List.of(soa)))
                : Optional.empty();
    }

    /** {@code 10-244-0-7.<namespace>.pod}: the address is in the name. */
    private Optional<Answer> findPodRecord(Question question) {
        List<String> labels = question.name().labels();
        boolean shape =
                labels.size() == domain.labels().size() + 3
                        && question.name().parent(2).equals(new DnsName(List.of("pod")).in(domain))
                        && DASHED_IPV4.matcher(labels.getFirst()).matches();
        if (!shape) {
            return Optional.empty();
        }
        Optional<Inet4Address> address = findAddress(labels.getFirst().replace('-', '.'));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        if (question.type() != RecordType.A) {
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
                records.getOrDefault(srv.target(), List.of()).stream()
                        .filter(r -> r.data() instanceof Rdata.A)
                        .forEach(additionals::add);
            }
        }
        return new ArrayList<>(additionals);
    }

    static Optional<Inet4Address> findAddress(String text) {
        try {
            return InetAddress.ofLiteral(text) instanceof Inet4Address address
                    ? Optional.of(address)
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
