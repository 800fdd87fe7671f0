package dev.coracle.dns.rules;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import java.util.Optional;

/** Leaves the names at and below one to another link. */
public record StubZone(DnsName zone, Link resolvers) implements Link {

    @Override
    public Optional<Answer> answer(Question question) {
        return question.name().isAtOrBelow(zone) ? resolvers.answer(question) : Optional.empty();
    }

    @Override
    public String why(Question question) {
        return question.name().isAtOrBelow(zone)
                ? "stub zone " + zone + ": " + resolvers.why(question)
                : "";
    }
}
