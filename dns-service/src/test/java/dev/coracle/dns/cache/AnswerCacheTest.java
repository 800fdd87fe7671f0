package dev.coracle.dns.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {

    private static final Question QUESTION =
            new Question(DnsName.of("example.com"), RecordType.TXT, Question.IN);

    private final AtomicReference<Answer> said = new AtomicReference<>(new Answer.Failed());
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void remembersRecordsForTheirTtlAndCountsItDown() {
        AnswerCache cache = cache(new Answer.Records(List.of(txt(60)), List.of(), false));
        cache.answer(QUESTION);
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        assertThat(cache.answer(QUESTION))
                .contains(new Answer.Records(List.of(txt(40)), List.of(), false));
        assertThat(asked).hasValue(1);
        nanos.addAndGet(Duration.ofSeconds(40).toNanos());
        cache.answer(QUESTION);
        assertThat(asked).hasValue(2);
    }

    @Test
    void remembersAbsencesForAsLongAsTheZoneAllows() {
        var soa =
                ResourceRecord.in(
                        DnsName.of("com"),
                        900,
                        new Rdata.Soa(DnsName.ROOT, DnsName.ROOT, 1, 1, 1, 1, 10));
        AnswerCache cache = cache(new Answer.NxDomain(List.of(), List.of(soa)));
        cache.answer(QUESTION);
        nanos.addAndGet(Duration.ofSeconds(9).toNanos());
        cache.answer(QUESTION);
        assertThat(asked).hasValue(1);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        cache.answer(QUESTION);
        assertThat(asked).hasValue(2);
    }

    @Test
    void asksAgainAfterAFailure() {
        AnswerCache cache = cache(new Answer.Failed());
        cache.answer(QUESTION);
        cache.answer(QUESTION);
        assertThat(asked).hasValue(2);
    }

    @Test
    void givesAnOldAnswerWhileNobodyElseHasOne() {
        said.set(new Answer.Records(List.of(txt(60)), List.of(), false));
        AnswerCache cache = cache();
        cache.answer(QUESTION);
        said.set(new Answer.Failed());
        nanos.addAndGet(Duration.ofMinutes(30).toNanos());
        assertThat(cache.answer(QUESTION))
                .contains(new Answer.Records(List.of(txt(30)), List.of(), false));
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(cache.answer(QUESTION)).contains(new Answer.Failed());
    }

    @Test
    void fetchesAPopularAnswerBeforeItsTimeIsOver() {
        AnswerCache cache = cache(new Answer.Records(List.of(txt(60)), List.of(), false));
        for (int i = 0; i < 6; i++) {
            cache.answer(QUESTION);
        }
        assertThat(asked).hasValue(1);
        nanos.addAndGet(Duration.ofSeconds(55).toNanos());
        cache.answer(QUESTION);
        assertThat(asked).hasValue(2);
        nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        cache.answer(QUESTION);
        assertThat(asked).hasValue(2);
    }

    private AnswerCache cache(Answer answer) {
        said.set(answer);
        return cache();
    }

    private AnswerCache cache() {
        return new AnswerCache(
                question -> {
                    asked.incrementAndGet();
                    return Optional.of(said.get());
                },
                nanos::get,
                Runnable::run,
                new DnsMetrics(InstantSource.system()));
    }

    private static ResourceRecord txt(long ttl) {
        return ResourceRecord.in(DnsName.of("example.com"), ttl, new Rdata.Txt(List.of("x")));
    }
}
