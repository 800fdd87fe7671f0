package dev.coracle.dns.cache;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.ResourceRecord;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Remembers the answers of the link below: records for their smallest TTL, absences for what their
 * SOA allows (RFC 2308). Failures are not remembered. Thread-safe.
 */
public final class AnswerCache implements Link {

    private static final int CAPACITY = 2000;
    private static final long LONGEST_SECONDS = 300;
    private static final long LONGEST_ABSENCE_SECONDS = 30;

    private record Remembered(Answer answer, long sinceNanos, long seconds) {}

    private final Link below;
    private final LongSupplier nanos;
    private final Map<Question, Remembered> entries =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Question, Remembered> eldest) {
                    return size() > CAPACITY;
                }
            };

    /** {@code nanos} is elapsed time, as {@link System#nanoTime}. */
    public AnswerCache(Link below, LongSupplier nanos) {
        this.below = below;
        this.nanos = nanos;
    }

    @Override
    public Optional<Answer> answer(Question question) {
        Optional<Answer> known = find(question);
        if (known.isPresent()) {
            return known;
        }
        Optional<Answer> asked = below.answer(question);
        asked.ifPresent(answer -> remember(question, answer));
        return asked;
    }

    private synchronized Optional<Answer> find(Question question) {
        Remembered entry = entries.get(question);
        if (entry == null) {
            return Optional.empty();
        }
        long age = Duration.ofNanos(nanos.getAsLong() - entry.sinceNanos()).toSeconds();
        if (age >= entry.seconds()) {
            entries.remove(question);
            return Optional.empty();
        }
        return Optional.of(aged(entry.answer(), age));
    }

    private synchronized void remember(Question question, Answer answer) {
        long seconds = lifetime(answer);
        if (seconds > 0) {
            entries.put(question, new Remembered(answer, nanos.getAsLong(), seconds));
        }
    }

    private static long lifetime(Answer answer) {
        return switch (answer) {
            case Answer.Records(var answers, var _, boolean _) ->
                    Math.min(
                            LONGEST_SECONDS,
                            answers.stream().mapToLong(ResourceRecord::ttl).min().orElse(0));
            case Answer.NoData(var answers, var authorities) -> absence(answers, authorities);
            case Answer.NxDomain(var answers, var authorities) -> absence(answers, authorities);
            case Answer.Alias _,
                    Answer.Failed _,
                    Answer.Refused _,
                    Answer.NotImplemented _,
                    Answer.Malformed _ ->
                    0;
        };
    }

    private static long absence(List<ResourceRecord> answers, List<ResourceRecord> authorities) {
        long allowed =
                authorities.stream()
                        .flatMap(r ->
                                r.data() instanceof Rdata.Soa soa
                                        ? Stream.of(Math.min(soa.minimum(), r.ttl()))
                                        : Stream.empty())
                        .min(Long::compare)
                        .orElse(0L);
        long aliases =
                answers.stream()
                        .mapToLong(ResourceRecord::ttl)
                        .min()
                        .orElse(LONGEST_ABSENCE_SECONDS);
        return Math.min(LONGEST_ABSENCE_SECONDS, Math.min(allowed, aliases));
    }

    private static Answer aged(Answer answer, long age) {
        return switch (answer) {
            case Answer.Records(var answers, var additionals, boolean ours) ->
                    new Answer.Records(aged(answers, age), aged(additionals, age), ours);
            case Answer.NoData(var answers, var authorities) ->
                    new Answer.NoData(aged(answers, age), aged(authorities, age));
            case Answer.NxDomain(var answers, var authorities) ->
                    new Answer.NxDomain(aged(answers, age), aged(authorities, age));
            case Answer.Alias _,
                    Answer.Failed _,
                    Answer.Refused _,
                    Answer.NotImplemented _,
                    Answer.Malformed _ ->
                    answer;
        };
    }

    private static List<ResourceRecord> aged(List<ResourceRecord> records, long age) {
        return records.stream().map(r -> r.withTtl(Math.max(0, r.ttl() - age))).toList();
    }
}
