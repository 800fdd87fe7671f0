package dev.coracle.dns.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.dns.cluster.ClusterObjects;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Edns;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChainTest {

    private static final Zone ZONE = ClusterObjects.zone();

    /** Name, type, response code, answers and authorities as in a zone file. */
    static Stream<Arguments> questions() {
        return Stream.of(
                argumentSet(
                        "a Service has its cluster IP",
                        "web.shop.svc.cluster.local",
                        "A",
                        0,
                        "web.shop.svc.cluster.local 5 A 10.96.0.80",
                        ""),
                argumentSet(
                        "names have no case",
                        "WEB.Shop.svc.cluster.LOCAL",
                        "A",
                        0,
                        "web.shop.svc.cluster.local 5 A 10.96.0.80",
                        ""),
                argumentSet(
                        "a headless Service has its ready endpoints",
                        "db.shop.svc.cluster.local",
                        "A",
                        0,
                        "db.shop.svc.cluster.local 5 A 10.244.0.1; db.shop.svc.cluster.local 5 A 10.244.1.2",
                        ""),
                argumentSet(
                        "an endpoint has its hostname",
                        "db-0.db.shop.svc.cluster.local",
                        "A",
                        0,
                        "db-0.db.shop.svc.cluster.local 5 A 10.244.0.1",
                        ""),
                argumentSet(
                        "or its address",
                        "10-244-1-2.db.shop.svc.cluster.local",
                        "A",
                        0,
                        "10-244-1-2.db.shop.svc.cluster.local 5 A 10.244.1.2",
                        ""),
                argumentSet(
                        "an endpoint that is not ready has none",
                        "10-244-2-3.db.shop.svc.cluster.local",
                        "A",
                        3,
                        "",
                        "SOA"),
                argumentSet(
                        "a named port has a SRV record",
                        "_http._tcp.web.shop.svc.cluster.local",
                        "SRV",
                        0,
                        "_http._tcp.web.shop.svc.cluster.local 5 SRV 0 100 80 web.shop.svc.cluster.local",
                        ""),
                argumentSet(
                        "a headless port has one per endpoint",
                        "_sql._tcp.db.shop.svc.cluster.local",
                        "SRV",
                        0,
                        "_sql._tcp.db.shop.svc.cluster.local 5 SRV 0 100 5432 db-0.db.shop.svc.cluster.local; _sql._tcp.db.shop.svc.cluster.local 5 SRV 0 100 5432 10-244-1-2.db.shop.svc.cluster.local",
                        ""),
                argumentSet(
                        "an address leads back to the Service",
                        "80.0.96.10.in-addr.arpa",
                        "PTR",
                        0,
                        "80.0.96.10.in-addr.arpa 5 PTR web.shop.svc.cluster.local",
                        ""),
                argumentSet(
                        "or to the endpoint",
                        "1.0.244.10.in-addr.arpa",
                        "PTR",
                        0,
                        "1.0.244.10.in-addr.arpa 5 PTR db-0.db.shop.svc.cluster.local",
                        ""),
                argumentSet(
                        "an external name is an alias, followed outside",
                        "shop-api.shop.svc.cluster.local",
                        "A",
                        0,
                        "shop-api.shop.svc.cluster.local 5 CNAME api.example.com; api.example.com 60 A 192.0.2.1",
                        ""),
                argumentSet(
                        "and inside",
                        "alias.shop.svc.cluster.local",
                        "A",
                        0,
                        "alias.shop.svc.cluster.local 5 CNAME web.shop.svc.cluster.local; web.shop.svc.cluster.local 5 A 10.96.0.80",
                        ""),
                argumentSet(
                        "there is no IPv6, but the name exists",
                        "web.shop.svc.cluster.local",
                        "AAAA",
                        0,
                        "",
                        "SOA"),
                argumentSet(
                        "a name between has no data", "shop.svc.cluster.local", "A", 0, "", "SOA"),
                argumentSet(
                        "an unknown Service does not exist",
                        "nothing.shop.svc.cluster.local",
                        "A",
                        3,
                        "",
                        "SOA"),
                argumentSet(
                        "nor does a name below a Service",
                        "x.web.shop.svc.cluster.local",
                        "A",
                        3,
                        "",
                        "SOA"),
                argumentSet(
                        "a pod's address is in its name",
                        "10-244-9-9.shop.pod.cluster.local",
                        "A",
                        0,
                        "10-244-9-9.shop.pod.cluster.local 5 A 10.244.9.9",
                        ""),
                argumentSet(
                        "the host has a name",
                        "host.coracle.internal",
                        "A",
                        0,
                        "host.coracle.internal 5 A 10.89.0.2",
                        ""),
                argumentSet(
                        "the specification's version is told",
                        "dns-version.cluster.local",
                        "TXT",
                        0,
                        "dns-version.cluster.local 5 TXT \"1.1.0\"",
                        ""),
                argumentSet(
                        "everything else is asked outside",
                        "api.example.com",
                        "A",
                        0,
                        "api.example.com 60 A 192.0.2.1",
                        ""),
                argumentSet(
                        "also addresses that are not the cluster's",
                        "1.2.0.192.in-addr.arpa",
                        "PTR",
                        3,
                        "",
                        ""),
                argumentSet(
                        "a rewritten name answers as itself",
                        "old.example",
                        "A",
                        0,
                        "old.example 5 A 10.96.0.80",
                        ""),
                argumentSet(
                        "a headless Service without endpoints has no name",
                        "many.shop.svc.cluster.local.x",
                        "A",
                        3,
                        "",
                        ""),
                argumentSet("a zone transfer is refused", "cluster.local", "AXFR", 5, "", ""));
    }

    @ParameterizedTest
    @MethodSource("questions")
    void answers(String name, String type, int code, String answers, String authority) {
        Message response = ask(new Question(DnsName.of(name), typeCode(type), Question.IN));
        assertThat(response.responseCode()).isEqualTo(code);
        assertThat(response.answers())
                .map(ChainTest::text)
                .containsExactlyInAnyOrder(
                        answers.isEmpty() ? new String[0] : answers.split("; ", -1));
        assertThat(response.authorities()).hasSize(authority.isEmpty() ? 0 : 1);
    }

    @Test
    void givesTheAddressesOfSrvTargetsAlong() {
        Message response =
                ask(
                        new Question(
                                DnsName.of("_sql._tcp.db.shop.svc.cluster.local"),
                                RecordType.SRV,
                                Question.IN));
        assertThat(response.additionals())
                .map(ChainTest::text)
                .contains("db-0.db.shop.svc.cluster.local 5 A 10.244.0.1");
    }

    @Test
    void turnsTheAddressesFromQueryToQuery() {
        Question question =
                new Question(DnsName.of("db.shop.svc.cluster.local"), RecordType.A, Question.IN);
        assertThat(chain().respond(Message.query(1, question)).answers().getFirst())
                .isNotEqualTo(chain().respond(Message.query(2, question)).answers().getFirst());
    }

    @Test
    void refusesAnotherVersionOfEdns() {
        Question question =
                new Question(DnsName.of("web.shop.svc.cluster.local"), RecordType.A, Question.IN);
        Message query =
                new Message(
                        1,
                        0,
                        List.of(question),
                        List.of(),
                        List.of(),
                        List.of(),
                        new Edns(1232, 1, false));
        Message response = chain().respond(query);
        assertThat(response.responseCode()).isZero();
        assertThat(response.edns()).isEqualTo(new Edns(1232, 0, false, 1));
    }

    @Test
    void doesNotKnowOtherOperations() {
        Message update = new Message(1, 5 << 11, List.of(), List.of(), List.of(), List.of(), null);
        assertThat(chain().respond(update).responseCode()).isEqualTo(4);
    }

    @Test
    void refusesQueriesWithoutQuestion() {
        assertThat(
                        chain().respond(
                                        new Message(
                                                1, 0, List.of(), List.of(), List.of(), List.of(),
                                                null))
                                .responseCode())
                .isEqualTo(1);
    }

    private static Message ask(Question question) {
        return chain().respond(Message.query(4, question));
    }

    private static Chain chain() {
        return new Chain(
                new Chain.Order(
                        List.of(ZONE::answer, ChainTest::outside),
                        name ->
                                name.equals(DnsName.of("old.example"))
                                        ? Optional.of(DnsName.of("web.shop.svc.cluster.local"))
                                        : Optional.empty()));
    }

    /** A world with one name. */
    private static Optional<Answer> outside(Question question) {
        if (!question.name().equals(DnsName.of("api.example.com"))) {
            return Optional.of(new Answer.NxDomain(List.of(), List.of()));
        }
        var record =
                ResourceRecord.in(
                        question.name(), 60, new Rdata.A(Inet4Address.ofLiteral("192.0.2.1")));
        return Optional.of(new Answer.Records(List.of(record), List.of(), false));
    }

    private static int typeCode(String type) {
        return switch (type) {
            case "A" -> RecordType.A;
            case "AAAA" -> RecordType.AAAA;
            case "SRV" -> RecordType.SRV;
            case "PTR" -> RecordType.PTR;
            case "TXT" -> RecordType.TXT;
            case "AXFR" -> RecordType.AXFR;
            default -> throw new IllegalArgumentException(type);
        };
    }

    private static String text(ResourceRecord record) {
        return record.name() + " " + record.ttl() + " " + record.data().text();
    }
}
