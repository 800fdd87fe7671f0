package dev.coracle.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.cluster.ClusterObjects;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.forward.Forwarding;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.ResourceRecord;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What dig reads. */
class DnsServerIT {

    private final DnsServer server =
            new DnsServer(
                    new Chain(
                            zone()::answer,
                            new Forwarding(List.of(), Duration.ofSeconds(1), new Random(1))));
    private int port;

    @BeforeEach
    void listen() throws IOException {
        port =
                server.listen(
                                NetworkNamespace.host(),
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
                        .getPort();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void answersOverUdp() throws Exception {
        assertThat(dig("+short", "web.shop.svc.cluster.local", "A")).isEqualTo("10.96.0.80");
        assertThat(dig("+short", "_http._tcp.web.shop.svc.cluster.local", "SRV"))
                .isEqualTo("0 100 80 web.shop.svc.cluster.local.");
        assertThat(dig("+short", "-x", "10.96.0.80")).isEqualTo("web.shop.svc.cluster.local.");
    }

    @Test
    void answersOverTcp() throws Exception {
        assertThat(dig("+tcp", "+short", "web.shop.svc.cluster.local", "A"))
                .isEqualTo("10.96.0.80");
    }

    @Test
    void saysAuthoritativelyThatANameDoesNotExist() throws Exception {
        String output = dig("nothing.shop.svc.cluster.local", "A");
        assertThat(output)
                .contains(
                        "status: NXDOMAIN",
                        "flags: qr aa rd ra",
                        "SOA\tns.dns.cluster.local. hostmaster.cluster.local.");
    }

    @Test
    void refusesTheOutsideAtOnceWithoutResolvers() throws Exception {
        assertThat(dig("example.com", "A")).contains("status: REFUSED");
    }

    @Test
    void cutsLongAnswersAndGivesThemWholeOverTcp() throws Exception {
        assertThat(dig("+ignore", "many.shop.svc.cluster.local", "A")).contains(" tc ");
        assertThat(dig("+short", "many.shop.svc.cluster.local", "A").lines()).hasSize(200);
    }

    @Test
    void tellsItsName() throws Exception {
        assertThat(dig("+short", "version.bind", "CH", "TXT")).isEqualTo("\"coracle dns-service\"");
    }

    private String dig(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "dig",
                                "@127.0.0.1",
                                "-p",
                                Integer.toString(port),
                                "+time=2",
                                "+tries=1"));
        command.addAll(List.of(arguments));
        Process dig = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(dig.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        dig.waitFor();
        return output.strip();
    }

    private static Zone zone() {
        Zone zone = ClusterObjects.zone();
        Map<DnsName, List<ResourceRecord>> records = new HashMap<>(zone.records());
        DnsName many = DnsName.of("many.shop.svc.cluster.local");
        records.put(
                many,
                IntStream.range(0, 200)
                        .<ResourceRecord>mapToObj(i ->
                                ResourceRecord.in(
                                        many,
                                        5,
                                        new Rdata.A(
                                                (java.net.Inet4Address)
                                                        InetAddress.ofLiteral("10.244.0." + i))))
                        .toList());
        return new Zone(zone.apexes(), zone.domain(), records, zone.soa());
    }
}
