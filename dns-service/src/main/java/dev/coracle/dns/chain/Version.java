package dev.coracle.dns.chain;

import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.util.List;
import java.util.Optional;

/** {@code version.bind} in class CHAOS: who answers here. */
final class Version implements Link {

    private static final DnsName NAME = DnsName.of("version.bind");

    @Override
    public Optional<Answer> answer(Question question) {
        if (question.dnsClass() != Question.CHAOS
                || question.type() != RecordType.TXT
                || !question.name().equals(NAME)) {
            return Optional.empty();
        }
        var record =
                new ResourceRecord(
                        NAME, Question.CHAOS, 0, new Rdata.Txt(List.of("coracle dns-service")));
        return Optional.of(new Answer.Records(List.of(record), List.of(), true));
    }
}
