package dev.coracle.dns.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageDecoderTest {

    /** A response of a public resolver, names compressed, with an OPT record. */
    private static final String RESPONSE =
            "1a2b81800001000200000001"
                    + "03777777076578616d706c6503636f6d0000010001"
                    + "c00c000500010000003c0006036f6e65c010"
                    + "c02d000100010000012c00045db8d822"
                    + "0000291000000000000000";

    @Test
    void expandsCompressedNames() throws MalformedMessageException {
        Message message = MessageDecoder.decode(HexFormat.of().parseHex(RESPONSE));
        assertThat(message.questions())
                .containsExactly(new Question(DnsName.of("www.example.com"), RecordType.A, 1));
        assertThat(message.answers().getFirst().data())
                .isEqualTo(new Rdata.Name(RecordType.CNAME, DnsName.of("one.example.com")));
        assertThat(message.answers().getLast().name()).isEqualTo(DnsName.of("one.example.com"));
        assertThat(message.edns()).isEqualTo(new Edns(4096, 0, false));
    }

    @Test
    void refusesNamesThatPointInACircle() {
        byte[] circle = HexFormat.of().parseHex("000100000001000000000000c00c00010001");
        assertThatThrownBy(() -> MessageDecoder.decode(circle))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("circle");
    }

    @Test
    void failsInOneWayOnlyWhateverTheOctets() {
        Random random = new Random(1);
        byte[] good = HexFormat.of().parseHex(RESPONSE);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int j = 0; j < 3 && bad.length > 0; j++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                MessageEncoder.encode(MessageDecoder.decode(bad));
            } catch (MalformedMessageException expected) {
                assertThat(expected).hasMessageMatching("(?s).+");
            }
        }
    }

    @Test
    void cutsWhatDoesNotFit() throws MalformedMessageException {
        var records =
                java.util.stream.IntStream.range(0, 100)
                        .mapToObj(i ->
                                ResourceRecord.in(
                                        DnsName.of("a"), 5, new Rdata.Txt(List.of("text " + i))))
                        .toList();
        var long512 =
                new Message(1, Message.RESPONSE, List.of(), records, List.of(), List.of(), null);
        byte[] octets = MessageEncoder.encode(long512, 512);
        assertThat(octets.length).isLessThanOrEqualTo(512);
        assertThat(MessageDecoder.decode(octets).isTruncated()).isTrue();
    }
}
