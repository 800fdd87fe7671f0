package dev.coracle.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.cluster.ClusterObjects;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.forward.Forwarding;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What dig reads. */
class DnsServerIT {

    private final DnsMetrics metrics = new DnsMetrics(InstantSource.system());
    private final Zone zone = ClusterObjects.zone();
    private final Chain chain =
            new Chain(
                    new Chain.Order(
                            List.of(
                                    zone::answer,
                                    new Forwarding(
                                            List.of(),
                                            Duration.ofSeconds(1),
                                            new Random(1),
                                            metrics)),
                            _ -> Optional.empty()));
    private final DnsServer server = new DnsServer(chain, zone, () -> true, metrics, 0, 2);
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
    void answersManyQuestionsOverOneConnection() throws Exception {
        assertThat(
                        dig(
                                        "+tcp",
                                        "+keepopen",
                                        "+short",
                                        "web.shop.svc.cluster.local",
                                        "A",
                                        "db-0.db.shop.svc.cluster.local",
                                        "A")
                                .lines())
                .containsExactly("10.96.0.80", "10.244.0.1");
    }

    @Test
    void keepsTheCaseOfTheQuestion() throws Exception {
        assertThat(dig("WeB.shOp.svc.cluster.local", "A"))
                .contains("WeB.shOp.svc.cluster.local. 5\tIN\tA\t10.96.0.80");
    }

    @Test
    void turnsHeadlessAddresses() throws Exception {
        assertThat(
                        dig(
                                        "+tcp",
                                        "+keepopen",
                                        "+short",
                                        "db.shop.svc.cluster.local",
                                        "A",
                                        "db.shop.svc.cluster.local",
                                        "A")
                                .lines())
                .hasSize(4)
                .satisfies(lines -> assertThat(lines.get(0)).isNotEqualTo(lines.get(2)));
    }

    @Test
    void countsUnderTheNamesOfCoreDns() throws Exception {
        dig("web.shop.svc.cluster.local", "A");
        dig("nothing.shop.svc.cluster.local", "AAAA");
        assertThat(new String(metrics.text(), StandardCharsets.UTF_8))
                .contains(
                        "coredns_dns_requests_total{proto=\"udp\",type=\"A\"} 1.0",
                        "coredns_dns_responses_total{rcode=\"NXDOMAIN\"} 1.0",
                        "coredns_dns_request_duration_seconds_count 2");
    }

    @Test
    void saysWhy() throws Exception {
        try (DnsPages pages =
                        DnsPages.open(
                                NetworkNamespace.host(),
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                                chain,
                                () -> true,
                                metrics);
                HttpClient client = HttpClient.newHttpClient()) {
            String base = "http://127.0.0.1:" + pages.port();
            assertThat(get(client, base + "/explain?name=web.shop.svc.cluster.local"))
                    .contains("NOERROR", "web.shop.svc.cluster.local 5 A 10.96.0.80");
            assertThat(get(client, base + "/explain?name=a&type=X")).contains("expected one of");
            assertThat(get(client, base + "/ready")).isEqualTo("OK\n");
            assertThat(get(client, base + "/health")).isEqualTo("OK\n");
        }
    }

    private static String get(HttpClient client, String url) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(URI.create(url)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void goesOnAfterAQueryThatFailsHere() throws Exception {
        AtomicBoolean isBroken = new AtomicBoolean(true);
        BooleanSupplier ready =
                () -> {
                    if (isBroken.getAndSet(false)) {
                        throw new IllegalStateException("broken");
                    }
                    return true;
                };
        try (DnsServer fragile = new DnsServer(chain, zone, ready, metrics, 0, 1)) {
            port =
                    fragile.listen(
                                    NetworkNamespace.host(),
                                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
                            .getPort();
            // dig asks again after the first goes unanswered
            assertThat(dig("+tries=2", "+time=1", "+short", "web.shop.svc.cluster.local", "A"))
                    .endsWith("10.96.0.80");
        }
        assertThat(new String(metrics.text(), StandardCharsets.UTF_8))
                .contains("coredns_panics_total 1.0");
    }

    @Test
    void goesOnAfterWhatIsNoQuery() throws Exception {
        Random random = new Random(3);
        try (DatagramSocket udp = new DatagramSocket()) {
            for (int i = 0; i < 5000; i++) {
                byte[] packet = new byte[random.nextInt(2000)];
                random.nextBytes(packet);
                udp.send(
                        new DatagramPacket(
                                packet, packet.length, InetAddress.ofLiteral("127.0.0.1"), port));
            }
        }
        for (int i = 0; i < 50; i++) {
            try (Socket tcp = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
                byte[] octets = new byte[random.nextInt(3000)];
                random.nextBytes(octets);
                tcp.getOutputStream().write(octets);
            } catch (IOException _) {
                // the server may have closed it
            }
        }
        assertThat(dig("+short", "web.shop.svc.cluster.local", "A")).isEqualTo("10.96.0.80");
        assertThat(dig("+tcp", "+short", "web.shop.svc.cluster.local", "A"))
                .isEqualTo("10.96.0.80");
        assertThat(new String(metrics.text(), StandardCharsets.UTF_8))
                .contains("coredns_panics_total 0.0");
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
}
