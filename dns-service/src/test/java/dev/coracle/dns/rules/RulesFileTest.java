package dev.coracle.dns.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.RecordType;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesFileTest {

    private static final String FILE =
            """
            rewrites:
            - {name: old.example, to: web.shop.svc.cluster.local}
            - {suffix: corp.example, to: shop.svc.cluster.local}
            hosts:
            - {address: 192.0.2.7, names: [printer.home, lp.home]}
            stubZones:
            - {zone: corp.internal, resolvers: [10.1.2.3, "10.1.2.4:5353"]}
            """;

    @Test
    void readsAFile() throws IOException {
        Rules rules = RulesFile.parse(FILE, "rules.yaml");
        assertThat(rules.rewritten(DnsName.of("OLD.example")))
                .contains(DnsName.of("web.shop.svc.cluster.local"));
        assertThat(rules.rewritten(DnsName.of("a.b.corp.example")))
                .contains(DnsName.of("a.b.shop.svc.cluster.local"));
        assertThat(rules.rewritten(DnsName.of("xcorp.example"))).isEmpty();
        assertThat(rules.stubZones().get(DnsName.of("corp.internal")))
                .extracting(Object::toString)
                .containsExactly("/10.1.2.3:53", "/10.1.2.4:5353");
    }

    @Test
    void readsNothingAsNoRules() throws IOException {
        assertThat(RulesFile.parse("", "rules.yaml")).isEqualTo(Rules.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    rewrite: []                                  | rules.yaml: the file: 'rewrite' is not known
                    [1]                                          | rules.yaml: the file: expected a map
                    rewrites: [{to: a}]                          | rewrites[0]: expected either 'name' or 'suffix'
                    rewrites: [{name: a..b, to: c}]              | rewrites[0].name: 'a..b'
                    hosts: [{address: nowhere, names: [a]}]      | hosts[0].address: 'nowhere', expected an address
                    stubZones: [{zone: a, resolvers: [b]}]       | stubZones[0].resolvers[0]: 'b', expected an address or address:port
                    stubZones: [{zone: 7, resolvers: []}]        | stubZones[0].zone: expected a domain name, got '7'
                    rewrites: {                                  | rules.yaml: while parsing
                    """)
    void namesWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> RulesFile.parse(text, "rules.yaml"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void answersForHosts() throws IOException {
        Hosts hosts = new Hosts(RulesFile.parse(FILE, "rules.yaml").hosts());
        assertThat(texts(hosts, "printer.home", RecordType.A)).containsExactly("A 192.0.2.7");
        assertThat(texts(hosts, "7.2.0.192.in-addr.arpa", RecordType.PTR))
                .containsExactlyInAnyOrder("PTR printer.home", "PTR lp.home");
        assertThat(ask(hosts, "printer.home", RecordType.AAAA))
                .contains(new Answer.NoData(List.of(), List.of()));
        assertThat(ask(hosts, "other.home", RecordType.A)).isEmpty();
    }

    private static Optional<Answer> ask(Hosts hosts, String name, int type) {
        return hosts.answer(new Question(DnsName.of(name), type, Question.IN));
    }

    private static List<String> texts(Hosts hosts, String name, int type) {
        return ((Answer.Records) ask(hosts, name, type).orElseThrow())
                .answers().stream().map(record -> record.data().text()).toList();
    }
}
