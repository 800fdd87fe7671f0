package dev.coracle.dns.cache;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.ResourceRecord;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;

/**
 * Remembers the answers of the link below: records for their smallest TTL, absences for what their
 * SOA allows (RFC 2308). An answer that is asked for often is fetched again shortly before its time
 * is over; one whose time is over is given again while the link below fails (RFC 8767). Failures
 * are not remembered. Thread-safe.
 */
public final class AnswerCache implements Link {

    private static final int CAPACITY = 10_000;
    private static final long LONGEST_SECONDS = 300;
    private static final long LONGEST_ABSENCE_SECONDS = 30;
    private static final long LONGEST_STALE_SECONDS = 3600;
    private static final long STALE_TTL_SECONDS = 30;
    private static final int POPULAR = 5;

    /** What was said; confined to the cache's lock. */
    private static final class Remembered {
        private final Answer answer;
        private final long sinceNanos;
        private final long seconds;
        private int hits;
        private boolean fetching;

        Remembered(Answer answer, long sinceNanos, long seconds) {
            this.answer = answer;
            this.sinceNanos = sinceNanos;
            this.seconds = seconds;
        }
    }

    private final Link below;
    private final LongSupplier nanos;
    private final Executor background;
    private final DnsMetrics metrics;
    private final Map<Question, Remembered> entries =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Question, Remembered> eldest) {
                    return size() > CAPACITY;
                }
            };

    /**
     * An empty cache.
     *
     * @param nanos elapsed time, as {@link System#nanoTime}
     * @param background fetches popular answers again
     */
    public AnswerCache(Link below, LongSupplier nanos, Executor background, DnsMetrics metrics) {
        this.below = below;
        this.nanos = nanos;
        this.background = background;
        this.metrics = metrics;
    }

    @Override
    public Optional<Answer> answer(Question question) {
        Optional<Answer> known = find(question);
        if (known.isPresent()) {
            metrics.cacheHit(
                    known.get() instanceof Answer.NxDomain || known.get() instanceof Answer.NoData);
            return known;
        }
        metrics.cacheMiss();
        Optional<Answer> asked = fetch(question);
        return asked.filter(answer -> !(answer instanceof Answer.Failed))
                .or(() -> stale(question))
                .or(() -> asked);
    }

    private Optional<Answer> fetch(Question question) {
        Optional<Answer> asked = below.answer(question);
        asked.ifPresent(answer -> remember(question, answer));
        return asked;
    }

    private synchronized Optional<Answer> find(Question question) {
        Remembered entry = entries.get(question);
        if (entry == null) {
            return Optional.empty();
        }
        long age = age(entry);
        if (age >= entry.seconds) {
            if (age >= entry.seconds + LONGEST_STALE_SECONDS) {
                entries.remove(question);
            }
            return Optional.empty();
        }
        entry.hits++;
        if (entry.hits >= POPULAR
                && !entry.fetching
                && (entry.seconds - age) * 10 <= entry.seconds) {
            entry.fetching = true;
            metrics.prefetched();
            background.execute(() -> fetch(question));
        }
        return Optional.of(aged(entry.answer, age));
    }

    private synchronized Optional<Answer> stale(Question question) {
        Remembered entry = entries.get(question);
        if (entry == null) {
            return Optional.empty();
        }
        metrics.servedStale();
        return Optional.of(withTtl(entry.answer, _ -> STALE_TTL_SECONDS));
    }

    private long age(Remembered entry) {
        return Duration.ofNanos(nanos.getAsLong() - entry.sinceNanos).toSeconds();
    }

    private synchronized void remember(Question question, Answer answer) {
        long seconds = lifetime(answer);
        if (seconds > 0) {
            entries.put(question, new Remembered(answer, nanos.getAsLong(), seconds));
        } else {
            Remembered kept = entries.get(question);
            if (kept != null) {
                kept.fetching = false;
            }
        }
    }

    @Override
    public synchronized String why(Question question) {
        Remembered entry = entries.get(question);
        return entry == null
                ? below.why(question)
                : "cached %d s ago for %d s".formatted(age(entry), entry.seconds);
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
                    Answer.BadVersion _,
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
        return withTtl(answer, ttl -> Math.max(0, ttl - age));
    }

    private static Answer withTtl(Answer answer, LongUnaryOperator ttl) {
        return switch (answer) {
            case Answer.Records(var answers, var additionals, boolean ours) ->
                    new Answer.Records(withTtl(answers, ttl), withTtl(additionals, ttl), ours);
            case Answer.NoData(var answers, var authorities) ->
                    new Answer.NoData(withTtl(answers, ttl), withTtl(authorities, ttl));
            case Answer.NxDomain(var answers, var authorities) ->
                    new Answer.NxDomain(withTtl(answers, ttl), withTtl(authorities, ttl));
            case Answer.Alias _,
                    Answer.Failed _,
                    Answer.Refused _,
                    Answer.NotImplemented _,
                    Answer.BadVersion _,
                    Answer.Malformed _ ->
                    answer;
        };
    }

    private static List<ResourceRecord> withTtl(
            List<ResourceRecord> records, LongUnaryOperator ttl) {
        return records.stream().map(r -> r.withTtl(ttl.applyAsLong(r.ttl()))).toList();
    }
}
