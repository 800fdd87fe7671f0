package dev.coracle.dns.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query or a response.
 *
 * @param flags the second 16 bits of the header
 * @param edns what the OPT record says; it is not among the additional records
 */
public record Message(
        int id,
        int flags,
        List<Question> questions,
        List<ResourceRecord> answers,
        List<ResourceRecord> authorities,
        List<ResourceRecord> additionals,
        @Nullable Edns edns) {

    public static final int RESPONSE = 0x8000;
    public static final int AUTHORITATIVE = 0x0400;
    public static final int TRUNCATED = 0x0200;
    public static final int RECURSION_DESIRED = 0x0100;
    public static final int RECURSION_AVAILABLE = 0x0080;

    public Message {
        questions = List.copyOf(questions);
        answers = List.copyOf(answers);
        authorities = List.copyOf(authorities);
        additionals = List.copyOf(additionals);
    }

    public static Message query(int id, Question question) {
        return new Message(
                id,
                RECURSION_DESIRED,
                List.of(question),
                List.of(),
                List.of(),
                List.of(),
                new Edns(Edns.UDP_PAYLOAD, 0, false));
    }

    public boolean isResponse() {
        return (flags & RESPONSE) != 0;
    }

    public boolean isTruncated() {
        return (flags & TRUNCATED) != 0;
    }

    public int opcode() {
        return flags >> 11 & 15;
    }

    public int responseCode() {
        return flags & 15;
    }

    /** The same message without records, marked as cut. */
    public Message truncated() {
        return new Message(id, flags | TRUNCATED, questions, List.of(), List.of(), List.of(), edns);
    }

    public Message withAdditionals(List<ResourceRecord> records) {
        return new Message(id, flags, questions, answers, authorities, records, edns);
    }
}
