package dev.coracle.dns.chain;

import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.RecordType;
import java.util.Optional;

/** Refuses classes other than IN, and zone transfers. */
final class Unsupported implements Link {

    @Override
    public Optional<Answer> answer(Question question) {
        if (question.dnsClass() != Question.IN) {
            return Optional.of(new Answer.Refused());
        }
        return question.type() == RecordType.AXFR
                ? Optional.of(new Answer.Refused())
                : Optional.empty();
    }
}
