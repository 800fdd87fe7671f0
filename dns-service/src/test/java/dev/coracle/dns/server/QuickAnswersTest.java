package dev.coracle.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.cluster.ClusterObjects;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Edns;
import dev.coracle.dns.wire.MalformedMessageException;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.MessageDecoder;
import dev.coracle.dns.wire.MessageEncoder;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.RecordType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered from octets is what the chain answers. */
class QuickAnswersTest {

    private static final int[] TYPES = {
        RecordType.A,
        RecordType.AAAA,
        RecordType.SRV,
        RecordType.PTR,
        RecordType.TXT,
        RecordType.ANY,
        RecordType.NS,
        RecordType.SOA,
        RecordType.CNAME,
        257
    };
    private static final List<String> NAMES =
            List.of(
                    "web.shop.svc.cluster.local",
                    "WEB.shop.SVC.cluster.local",
                    "db.shop.svc.cluster.local",
                    "many.shop.svc.cluster.local",
                    "db-0.db.shop.svc.cluster.local",
                    "_http._tcp.web.shop.svc.cluster.local",
                    "alias.shop.svc.cluster.local",
                    "shop.svc.cluster.local",
                    "nothing.shop.svc.cluster.local",
                    "web.shop.svc.cluster.local.shop.svc.cluster.local",
                    "10-244-9-9.shop.pod.cluster.local",
                    "cluster.local",
                    "notcluster.local",
                    "dns-version.cluster.local",
                    "80.0.96.10.in-addr.arpa",
                    "1.1.1.1.in-addr.arpa",
                    "host.coracle.internal",
                    "example.com");

    private final Zone zone = ClusterObjects.zone();
    private final QuickAnswers quick = new QuickAnswers(zone);
    private final Chain chain =
            new Chain(
                    new Chain.Order(
                            List.of(zone::answer, _ -> Optional.of(new Answer.Refused())),
                            _ -> Optional.empty()));

    private byte @Nullable [] quick(byte[] query, int most) {
        System.arraycopy(query, 0, quick.query(), 0, query.length);
        return quick.answer(query.length, most)
                ? Arrays.copyOf(quick.response(), quick.length())
                : null;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysWhatTheChainSays(boolean edns) throws MalformedMessageException {
        int answered = 0;
        for (String name : NAMES) {
            for (int type : TYPES) {
                Message query =
                        new Message(
                                77,
                                Message.RECURSION_DESIRED,
                                List.of(new Question(DnsName.of(name), type, Question.IN)),
                                List.of(),
                                List.of(),
                                List.of(),
                                edns ? new Edns(1232, 0, true) : null);
                byte[] octets = quick(MessageEncoder.encode(query), 65535);
                if (octets != null) {
                    answered++;
                    assertSame(MessageDecoder.decode(octets), chain.respond(query));
                }
            }
        }
        assertThat(answered).isGreaterThan(80);
    }

    private static void assertSame(Message quick, Message slow) {
        assertThat(quick.flags()).as("%s", slow).isEqualTo(slow.flags());
        assertThat(quick.questions()).isEqualTo(slow.questions());
        assertThat(quick.answers()).containsExactlyInAnyOrderElementsOf(slow.answers());
        assertThat(quick.authorities()).isEqualTo(slow.authorities());
        assertThat(quick.edns()).isEqualTo(slow.edns());
    }

    @Test
    void leavesWhatDoesNotFitToTheChain() {
        byte[] query =
                MessageEncoder.encode(
                        Message.query(
                                1,
                                new Question(
                                        DnsName.of("many.shop.svc.cluster.local"),
                                        RecordType.A,
                                        Question.IN)));
        assertThat(quick(query, Edns.UDP_PAYLOAD)).isNull();
        assertThat(quick(query, 65535)).isNotNull();
    }

    /** A million packets that were queries once; -Dcoracle.dns.fuzz=N for more or fewer. */
    @Test
    void survivesWhatIsNoQuery() throws MalformedMessageException {
        Random random = new Random(20261121);
        List<byte[]> seeds = new ArrayList<>();
        for (String name : NAMES) {
            for (int type : TYPES) {
                seeds.add(
                        MessageEncoder.encode(
                                Message.query(
                                        type, new Question(DnsName.of(name), type, Question.IN))));
            }
        }
        int quickly = 0;
        int malformed = 0;
        int packets = Integer.getInteger("coracle.dns.fuzz", 1_000_000);
        for (int i = 0; i < packets; i++) {
            byte[] packet = mutated(seeds.get(random.nextInt(seeds.size())), random);
            byte[] octets = quick(packet, 65535);
            Message query;
            try {
                query = MessageDecoder.decode(packet);
            } catch (MalformedMessageException _) {
                malformed++;
                assertThat(octets).isNull();
                continue;
            }
            if (query.isResponse()) {
                assertThat(octets).isNull();
                continue;
            }
            Message slow = chain.respond(query);
            assertThat(MessageEncoder.encode(slow, 512)).hasSizeLessThanOrEqualTo(512);
            if (octets != null) {
                quickly++;
                assertSame(MessageDecoder.decode(octets), slow);
            }
        }
        assertThat(quickly).isGreaterThan(packets / 100);
        assertThat(malformed).isGreaterThan(packets / 100);
    }

    /** Some octets changed, cut off, repeated, or pointing somewhere. */
    private static byte[] mutated(byte[] seed, Random random) {
        byte[] packet = seed.clone();
        for (int i = random.nextInt(4); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> packet[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> packet[random.nextInt(packet.length)] = (byte) random.nextInt(256);
                case 2 -> {
                    int at = random.nextInt(packet.length);
                    packet[at] = (byte) 0xc0;
                }
                case 3 -> packet = Arrays.copyOf(packet, 1 + random.nextInt(packet.length));
                default -> packet = Arrays.copyOf(packet, packet.length + random.nextInt(64));
            }
        }
        return packet;
    }
}
