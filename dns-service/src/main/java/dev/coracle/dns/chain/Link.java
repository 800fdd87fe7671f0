package dev.coracle.dns.chain;

import dev.coracle.dns.wire.Question;
import java.util.Optional;

/** One link of the chain. May block: it is called on virtual threads only. */
@FunctionalInterface
public interface Link {

    /** The answer, or empty if the question is for the next link. */
    Optional<Answer> answer(Question question);

    /** Why it answers so, or why not, for somebody who wonders; asks nobody. */
    default String why(Question question) {
        return "";
    }
}
