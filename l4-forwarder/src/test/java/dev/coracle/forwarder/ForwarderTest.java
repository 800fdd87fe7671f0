package dev.coracle.forwarder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Through real loopback sockets. */
class ForwarderTest {

    private static final NetworkNamespace HOST = NetworkNamespace.host();
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Forwarder forwarder =
            Forwarder.create(
                    ForwarderOptions.defaults()
                            .withConnectTimeout(Duration.ofSeconds(1))
                            .withUdpIdleTimeout(Duration.ofMillis(200)));

    @AfterEach
    void close() {
        forwarder.close();
    }

    @Nested
    class OverTcp {

        @Test
        void relaysBytesBothWaysAndTheHalfClose() throws Exception {
            try (ServerSocket backend = listen();
                    ForwardedPort port = tcp(address(backend));
                    Socket client = connect(port)) {
                client.getOutputStream().write("question".getBytes(UTF_8));
                client.shutdownOutput();
                try (Socket served = backend.accept()) {
                    // the end of the question is seen while the answer is still to come
                    assertThat(served.getInputStream().readAllBytes())
                            .isEqualTo("question".getBytes(UTF_8));
                    served.getOutputStream().write("answer".getBytes(UTF_8));
                }
                assertThat(client.getInputStream().readAllBytes())
                        .isEqualTo("answer".getBytes(UTF_8));
            }
        }

        @Test
        void goesToTheNextBackendWhenOneDoesNotListen() throws Exception {
            try (ServerSocket backend = listen();
                    ForwardedPort port = tcp(closedPort(), address(backend))) {
                for (int i = 0; i < 4; i++) {
                    try (Socket client = connect(port);
                            Socket served = backend.accept()) {
                        greet(served, client);
                    }
                }
                assertThat(port.forwarded()).isEqualTo(4);
            }
        }

        @Test
        void resetsTheClientWhenNoBackendListens() throws Exception {
            try (ForwardedPort port = tcp(closedPort(), closedPort());
                    Socket client = connect(port)) {
                assertThatThrownBy(() -> client.getInputStream().read())
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
                assertThat(port.refused()).isEqualTo(1);
            }
        }

        @Test
        void relaysAResetAsAReset() throws Exception {
            try (ServerSocket backend = listen();
                    ForwardedPort port = tcp(address(backend));
                    Socket client = connect(port)) {
                Socket served = backend.accept();
                served.setSoLinger(true, 0);
                served.close();
                assertThatThrownBy(() -> client.getInputStream().read())
                        .isInstanceOf(SocketException.class);
            }
        }

        @Test
        void takesTurnsAndFollowsAReplacedList() throws Exception {
            try (ServerSocket one = listen();
                    ServerSocket two = listen()) {
                RoundRobinBackends backends =
                        new RoundRobinBackends(List.of(address(one), address(two)));
                try (ForwardedPort port = forwarder.listenTcp(HOST, ANY_PORT, HOST, backends);
                        Socket first = connect(port);
                        Socket atOne = one.accept();
                        Socket second = connect(port);
                        Socket atTwo = two.accept()) {
                    greet(atOne, first);
                    greet(atTwo, second);
                    backends.replace(List.of(address(two)));
                    try (Socket third = connect(port);
                            Socket again = two.accept()) {
                        greet(again, third);
                        assertThat(port.activeConnections())
                                .containsEntry(address(one), 1)
                                .containsEntry(address(two), 2);
                        port.dropConnections(address(one)::equals);
                        assertThatThrownBy(() -> first.getInputStream().read())
                                .isInstanceOf(SocketException.class);
                        greet(again, third);
                    }
                }
            }
        }

        @Test
        void carriesMoreThanBothSidesBuffer() throws Exception {
            byte[] block = new byte[1 << 20];
            Arrays.fill(block, (byte) 7);
            try (ServerSocket backend = listen();
                    ForwardedPort port = tcp(address(backend));
                    Socket client = connect(port);
                    Socket served = backend.accept()) {
                CompletableFuture<Long> received =
                        CompletableFuture.supplyAsync(() -> drain(served));
                OutputStream out = client.getOutputStream();
                for (int i = 0; i < 64; i++) {
                    out.write(block);
                }
                client.shutdownOutput();
                assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(64L << 20);
            }
        }

        @Test
        void keepsRelayingAfterItStoppedAccepting() throws Exception {
            try (ServerSocket backend = listen();
                    ForwardedPort port = tcp(address(backend));
                    Socket client = connect(port);
                    Socket served = backend.accept()) {
                InetSocketAddress address = port.address();
                port.stopAccepting();
                greet(served, client);
                assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()))
                        .isInstanceOf(IOException.class);
            }
        }

        @Test
        void saysWhichAddressIsTaken() throws Exception {
            try (ServerSocket taken = listen()) {
                assertThatThrownBy(() ->
                                forwarder.listenTcp(HOST, address(taken), HOST, _ -> List.of()))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
                        .hasMessageContaining("in host");
            }
        }
    }

    @Nested
    class OverUdp {

        @Test
        void keepsAClientOnItsBackendUntilIdle() throws Exception {
            try (DatagramSocket one = new DatagramSocket(ANY_PORT);
                    DatagramSocket two = new DatagramSocket(ANY_PORT);
                    DatagramSocket client = new DatagramSocket(ANY_PORT)) {
                RoundRobinBackends backends =
                        new RoundRobinBackends(List.of(address(one), address(two)));
                try (ForwardedPort port = forwarder.listenUdp(HOST, ANY_PORT, HOST, backends)) {
                    send(client, port, "a");
                    DatagramPacket first = receive(one);
                    send(client, port, "b");
                    DatagramPacket second = receive(one);
                    assertThat(second.getSocketAddress()).isEqualTo(first.getSocketAddress());
                    one.send(
                            new DatagramPacket(
                                    "answer".getBytes(UTF_8), 6, second.getSocketAddress()));
                    DatagramPacket answer = receive(client);
                    assertThat(new String(answer.getData(), 0, answer.getLength(), UTF_8))
                            .isEqualTo("answer");
                    assertThat(answer.getSocketAddress()).isEqualTo(port.address());
                    // silence: nothing arrives for longer than the idle timeout
                    client.setSoTimeout(800);
                    assertThatThrownBy(() -> receive(client))
                            .isInstanceOf(SocketTimeoutException.class);
                    send(client, port, "c");
                    assertThat(receive(two).getLength()).isEqualTo(1);
                }
            }
        }

        @Test
        void countsADatagramWithoutABackend() throws Exception {
            try (DatagramSocket backend = new DatagramSocket(ANY_PORT);
                    DatagramSocket client = new DatagramSocket(ANY_PORT)) {
                Iterator<List<InetSocketAddress>> choices =
                        List.of(List.<InetSocketAddress>of(), List.of(address(backend))).iterator();
                try (ForwardedPort port =
                        forwarder.listenUdp(HOST, ANY_PORT, HOST, _ -> choices.next())) {
                    send(client, port, "lost");
                    send(client, port, "found");
                    assertThat(receive(backend).getLength()).isEqualTo(5);
                    assertThat(port.refused()).isEqualTo(1);
                }
            }
        }
    }

    private ForwardedPort tcp(InetSocketAddress... backends) throws IOException {
        return forwarder.listenTcp(HOST, ANY_PORT, HOST, new RoundRobinBackends(List.of(backends)));
    }

    private static void greet(Socket from, Socket to) throws IOException {
        from.getOutputStream().write('x');
        assertThat(to.getInputStream().read()).isEqualTo('x');
    }

    private static ServerSocket listen() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setSoTimeout(5000);
        return server;
    }

    private static InetSocketAddress closedPort() throws IOException {
        try (ServerSocket server = listen()) {
            return address(server);
        }
    }

    private static InetSocketAddress address(ServerSocket server) {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    private static InetSocketAddress address(DatagramSocket socket) {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private static Socket connect(ForwardedPort port) throws IOException {
        Socket socket = new Socket(port.address().getAddress(), port.address().getPort());
        socket.setSoTimeout(5000);
        return socket;
    }

    private static void send(DatagramSocket from, ForwardedPort to, String text)
            throws IOException {
        from.send(new DatagramPacket(text.getBytes(UTF_8), text.length(), to.address()));
    }

    private static DatagramPacket receive(DatagramSocket at) throws IOException {
        if (at.getSoTimeout() == 0) {
            at.setSoTimeout(5000);
        }
        DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
        at.receive(packet);
        return packet;
    }

    private static long drain(Socket socket) {
        try {
            return socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
