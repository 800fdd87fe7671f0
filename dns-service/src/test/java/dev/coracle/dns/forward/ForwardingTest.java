package dev.coracle.dns.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwardingTest {

    private static final Question QUESTION =
            new Question(DnsName.of("api.example.com"), RecordType.A, Question.IN);

    private final DnsMetrics metrics = new DnsMetrics(InstantSource.system());
    private FakeResolver one;
    private FakeResolver two;
    private Forwarding forwarding;

    @BeforeEach
    void start() throws IOException {
        one = FakeResolver.start(query -> answer(query, "192.0.2.1"));
        two = FakeResolver.start(query -> answer(query, "192.0.2.2"));
        forwarding = forwarding(one, two);
    }

    @AfterEach
    void close() throws IOException {
        forwarding.close();
        one.close();
        two.close();
    }

    private Forwarding forwarding(FakeResolver... resolvers) {
        return new Forwarding(
                Stream.of(resolvers).map(FakeResolver::address).toList(),
                Duration.ofSeconds(2),
                new Random(1),
                metrics);
    }

    private static Message answer(Message query, String address) {
        ResourceRecord record =
                ResourceRecord.in(
                        query.questions().getFirst().name(),
                        60,
                        new Rdata.A(Inet4Address.ofLiteral(address)));
        return new Message(
                query.id(),
                Message.RESPONSE,
                query.questions(),
                List.of(record),
                List.of(),
                List.of(),
                null);
    }

    private String ask() {
        Optional<Answer> answer = forwarding.answer(QUESTION);
        return answer.orElseThrow() instanceof Answer.Records records
                ? records.answers().getFirst().data().text()
                : answer.get().getClass().getSimpleName();
    }

    @Test
    void asksTheFirstAlone() {
        assertThat(ask()).isEqualTo("A 192.0.2.1");
        assertThat(two.asked()).isZero();
    }

    @Test
    void asksTheNextWhenTheFirstIsSilent() {
        one.silent(true);
        assertThat(ask()).isEqualTo("A 192.0.2.2");
    }

    @Test
    void asksOneThatIsDownAfterTheOthersUntilItIsBack() {
        one.silent(true);
        await().until(() -> {
            ask();
            return forwarding.why(QUESTION).contains("(down)");
        });
        int before = two.asked();
        assertThat(ask()).isEqualTo("A 192.0.2.2");
        assertThat(two.asked()).isEqualTo(before + 1);
        one.silent(false);
        await().untilAsserted(() -> assertThat(forwarding.why(QUESTION)).doesNotContain("(down)"));
        assertThat(ask()).isEqualTo("A 192.0.2.1");
        assertThat(new String(metrics.text(), StandardCharsets.UTF_8))
                .contains("coredns_forward_requests_total{to=\"127.0.0.1:");
    }

    @Test
    void asksAgainByTcpWhatWasCut() {
        one.cutting();
        assertThat(ask()).isEqualTo("A 192.0.2.1");
        assertThat(two.asked()).isZero();
    }

    @Test
    void failsWhenAllDo() throws IOException {
        one.close();
        two.close();
        assertThat(ask()).isEqualTo("Failed");
    }

    @Test
    void refusesAtOnceWithoutResolvers() {
        try (Forwarding none = forwarding()) {
            assertThat(none.answer(QUESTION)).contains(new Answer.Refused());
        }
    }

    @Test
    void findsALoop() {
        LoopCheck loop = new LoopCheck(new Random(1));
        var guarded = loop.guarding(forwarding);
        assertThat(guarded.answer(QUESTION).orElseThrow()).isInstanceOf(Answer.Records.class);
        // the resolver asks this server in turn
        loop.start(loop);
        await().untilAsserted(
                        () -> assertThat(guarded.answer(QUESTION)).contains(new Answer.Refused()));
    }
}
