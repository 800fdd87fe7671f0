package dev.coracle.dns.rules;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Names whose addresses are configured: A, NODATA for another type, and PTR. */
public final class Hosts implements Link {

    private static final long TTL_SECONDS = 60;

    private final Map<DnsName, List<InetAddress>> hosts;

    public Hosts(Map<DnsName, List<InetAddress>> hosts) {
        this.hosts = Map.copyOf(hosts);
    }

    @Override
    public Optional<Answer> answer(Question question) {
        List<InetAddress> addresses = hosts.get(question.name());
        if (addresses == null) {
            return question.type() == RecordType.PTR ? names(question) : Optional.empty();
        }
        List<ResourceRecord> records =
                question.type() == RecordType.A || question.type() == RecordType.ANY
                        ? addresses.stream()
                                .filter(Inet4Address.class::isInstance)
                                .map(address ->
                                        ResourceRecord.in(
                                                question.name(),
                                                TTL_SECONDS,
                                                new Rdata.A((Inet4Address) address)))
                                .toList()
                        : List.of();
        return Optional.of(
                records.isEmpty()
                        ? new Answer.NoData(List.of(), List.of())
                        : new Answer.Records(records, List.of(), true));
    }

    private Optional<Answer> names(Question question) {
        List<ResourceRecord> records =
                hosts.entrySet().stream()
                        .filter(host ->
                                host.getValue().stream()
                                        .filter(Inet4Address.class::isInstance)
                                        .anyMatch(address ->
                                                DnsName.reverse((Inet4Address) address)
                                                        .equals(question.name())))
                        .map(host ->
                                ResourceRecord.in(
                                        question.name(),
                                        TTL_SECONDS,
                                        new Rdata.Name(RecordType.PTR, host.getKey())))
                        .toList();
        return records.isEmpty()
                ? Optional.empty()
                : Optional.of(new Answer.Records(records, List.of(), true));
    }

    @Override
    public String why(Question question) {
        return hosts.containsKey(question.name()) ? "hosts has the name" : "";
    }
}
