package dev.coracle.dns.forward;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether the resolvers lead back here, by asking them once for a name that nobody else
 * asks for. If it comes back, what is outside is refused from then on: a loop would only fill up.
 */
public final class LoopCheck implements Link {

    private static final Logger log = LoggerFactory.getLogger(LoopCheck.class);
    private static final int HINFO = 13;

    private final Question probe;
    private final AtomicBoolean found = new AtomicBoolean();

    public LoopCheck(RandomGenerator random) {
        byte[] label = new byte[16];
        random.nextBytes(label);
        this.probe =
                new Question(
                        new DnsName(List.of(HexFormat.of().formatHex(label), "loop", "coracle")),
                        HINFO,
                        Question.IN);
    }

    /** Asks; returns at once. */
    public void start(Link resolvers) {
        Thread.ofVirtual().name("dns-loop").start(() -> resolvers.answer(probe));
    }

    @Override
    public Optional<Answer> answer(Question question) {
        if (question.equals(probe) && !found.getAndSet(true)) {
            log.error("the resolvers lead back to this server: names outside are refused");
        }
        return Optional.empty();
    }

    /** The link that is below this one, unless that is a loop. */
    public Link guarding(Link below) {
        return new Link() {
            @Override
            public Optional<Answer> answer(Question question) {
                return found.get() ? Optional.of(new Answer.Refused()) : below.answer(question);
            }

            @Override
            public String why(Question question) {
                return found.get() ? "the resolvers lead back here: refused" : below.why(question);
            }
        };
    }
}
