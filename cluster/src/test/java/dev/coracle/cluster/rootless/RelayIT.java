package dev.coracle.cluster.rootless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of the relay on one host: what is inside is at 127.1.0.1, outside it is moved. */
class RelayIT {

    private static final int ALL_MOVED = 55_000;

    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
    private final InsideRelay inside;
    private final OutsideRelay outside;

    RelayIT(@TempDir Path folder) throws IOException {
        inside = InsideRelay.open(folder.resolve("s"));
        outside = new OutsideRelay(folder.resolve("s"), ALL_MOVED, warnings::add);
    }

    @BeforeEach
    void follow() {
        Thread _ =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                outside.follow();
                            } catch (IOException _) {
                                // the end of the test
                            }
                        });
    }

    @AfterEach
    void stop() throws IOException {
        outside.close();
        inside.close();
    }

    @Test
    void relaysBothWaysUntilBothSidesHaveEnded() throws Exception {
        try (ServerSocket server = serverBelow(ALL_MOVED)) {
            Target target = target("tcp", server.getLocalSocketAddress());
            publish(target);
            Thread _ =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Socket accepted = server.accept()) {
                                    byte[] all = accepted.getInputStream().readAllBytes();
                                    accepted.getOutputStream().write(all);
                                } catch (IOException e) {
                                    warnings.add(e.toString());
                                }
                            });

            try (Socket client = connect(target.outside(ALL_MOVED))) {
                byte[] much = new byte[300_000];
                much[299_999] = 7;
                client.getOutputStream().write(much);
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).isEqualTo(much);
            }
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void endsAConnectionThatNobodyTakesInside() throws Exception {
        Target target;
        try (ServerSocket server = serverBelow(ALL_MOVED)) {
            target = target("tcp", server.getLocalSocketAddress());
        }
        publish(target);

        try (Socket client = connect(target.outside(ALL_MOVED))) {
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void relaysDatagramsAndTheirAnswers() throws Exception {
        try (DatagramSocket server = datagramsBelow(ALL_MOVED);
                DatagramSocket client = new DatagramSocket()) {
            Target target = target("udp", server.getLocalSocketAddress());
            publish(target);
            byte[] text = "name?".getBytes(StandardCharsets.UTF_8);
            client.send(new DatagramPacket(text, text.length, target.outside(ALL_MOVED)));
            DatagramPacket received = new DatagramPacket(new byte[100], 100);
            server.receive(received);
            server.send(received);

            client.setSoTimeout(10_000);
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            client.receive(answer);
            assertThat(answer.getLength()).isEqualTo(text.length);
            assertThat(answer.getSocketAddress()).isEqualTo(target.outside(ALL_MOVED));
        }
    }

    @Test
    void closesListenersOfWhatIsPublishedNoMore() throws Exception {
        try (ServerSocket server = serverBelow(ALL_MOVED)) {
            Target target = target("tcp", server.getLocalSocketAddress());
            publish(target);
            publish(new Target("tcp", "127.1.0.2", 9));

            assertThatThrownBy(() -> connect(target.outside(ALL_MOVED)).close())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void tellsOfAnAddressThatIsInUse() throws Exception {
        try (ServerSocket server = serverBelow(ALL_MOVED)) {
            Target target = target("tcp", server.getLocalSocketAddress());
            try (ServerSocket other = new ServerSocket()) {
                other.bind(target.outside(ALL_MOVED));
                publish(target);
                assertThat(warnings.take()).contains(target.line(), "Address already in use");
            }
        }
    }

    private void publish(Target target) {
        inside.publish(List.of(target));
        while (!inside.isServed()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static ServerSocket serverBelow(int limit) throws IOException {
        while (true) {
            ServerSocket server = new ServerSocket();
            server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.1.0.1"), 0));
            if (server.getLocalPort() < limit) {
                return server;
            }
            server.close();
        }
    }

    private static DatagramSocket datagramsBelow(int limit) throws IOException {
        while (true) {
            DatagramSocket server =
                    new DatagramSocket(
                            new InetSocketAddress(InetAddress.ofLiteral("127.1.0.1"), 0));
            if (server.getLocalPort() < limit) {
                return server;
            }
            server.close();
        }
    }

    private static Target target(String protocol, SocketAddress address) {
        return new Target(protocol, "127.1.0.1", ((InetSocketAddress) address).getPort());
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, 5000);
        socket.setSoTimeout(10_000);
        return socket;
    }
}
