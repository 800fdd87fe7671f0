package dev.coracle.dns.datagram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's own datagram sockets on the other side. */
class BatchSocketTest {

    private static BatchSocket bind(String address) throws IOException {
        return BatchSocket.bind(
                NetworkNamespace.host(),
                new InetSocketAddress(InetAddress.ofLiteral(address), 0),
                4,
                64,
                Duration.ofMillis(200));
    }

    private static void send(DatagramSocket from, BatchSocket to, String text) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        from.send(new DatagramPacket(octets, octets.length, to.localAddress()));
    }

    private static String received(DatagramSocket by) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        by.setSoTimeout(5000);
        by.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void answersEachOfManyThatCameTogether(String address) throws IOException {
        try (BatchSocket socket = bind(address);
                DatagramSocket one = new DatagramSocket(0, InetAddress.ofLiteral(address));
                DatagramSocket two = new DatagramSocket(0, InetAddress.ofLiteral(address))) {
            send(one, socket, "a");
            send(two, socket, "bb");
            send(one, socket, "c".repeat(100));
            byte[] octets = new byte[64];
            byte[] sender = new byte[16];
            int answered = 0;
            while (answered < 3) {
                int count = socket.receive();
                for (int i = 0; i < count; i++) {
                    int length = socket.copyTo(i, octets);
                    assertThat(Arrays.copyOf(sender, socket.copySenderTo(i, sender)))
                            .isEqualTo(InetAddress.ofLiteral(address).getAddress());
                    octets[0] = 'x';
                    socket.reply(i, octets, length);
                    answered++;
                }
                socket.flush();
            }
            assertThat(received(two)).isEqualTo("xb");
            assertThat(received(one)).isEqualTo("x");
            assertThat(received(one)).isEqualTo("x" + "c".repeat(63));
            socket.send((InetSocketAddress) two.getLocalSocketAddress(), new byte[] {'y'});
            assertThat(received(two)).isEqualTo("y");
        }
    }

    @Test
    void waitsNoLongerThanItsPatience() throws IOException {
        try (BatchSocket socket = bind("127.0.0.1")) {
            assertThat(socket.receive()).isZero();
        }
    }

    @Test
    void saysWhatCannotBeBound() {
        assertThatThrownBy(() -> bind("192.0.2.1"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bind to /192.0.2.1:0 failed with errno 99");
    }
}
