package dev.coracle.dns.forward;

import dev.coracle.dns.wire.MalformedMessageException;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.MessageDecoder;
import dev.coracle.dns.wire.MessageEncoder;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A resolver on a loopback port that says what a test wants, by UDP and TCP. */
final class FakeResolver implements AutoCloseable {

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean silent;
    private volatile boolean cutting;

    private FakeResolver(DatagramSocket udp, ServerSocket tcp) {
        this.udp = udp;
        this.tcp = tcp;
    }

    /** {@code answers} makes a response out of a query. */
    static FakeResolver start(UnaryOperator<Message> answers) throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        ServerSocket tcp = new ServerSocket(0, 10, loopback);
        FakeResolver resolver =
                new FakeResolver(new DatagramSocket(tcp.getLocalPort(), loopback), tcp);
        Thread.ofVirtual().start(() -> resolver.serveUdp(answers));
        Thread.ofVirtual().start(() -> resolver.serveTcp(answers));
        return resolver;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) tcp.getLocalSocketAddress();
    }

    int asked() {
        return asked.get();
    }

    void silent(boolean value) {
        silent = value;
    }

    /** Says by UDP only that the answer does not fit. */
    void cutting() {
        cutting = true;
    }

    private void serveUdp(UnaryOperator<Message> answers) {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
                udp.receive(packet);
                asked.incrementAndGet();
                if (silent) {
                    continue;
                }
                Message response =
                        answer(Arrays.copyOf(packet.getData(), packet.getLength()), answers);
                if (response != null) {
                    byte[] octets =
                            MessageEncoder.encode(cutting ? response.truncated() : response);
                    udp.send(new DatagramPacket(octets, octets.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException _) {
            // closed
        }
    }

    private void serveTcp(UnaryOperator<Message> answers) {
        try {
            while (true) {
                try (Socket socket = tcp.accept()) {
                    var in = new DataInputStream(socket.getInputStream());
                    Message response = answer(in.readNBytes(in.readUnsignedShort()), answers);
                    if (response != null) {
                        byte[] octets = MessageEncoder.encode(response);
                        var out = new DataOutputStream(socket.getOutputStream());
                        out.writeShort(octets.length);
                        out.write(octets);
                    }
                }
            }
        } catch (IOException _) {
            // closed
        }
    }

    private static @Nullable Message answer(byte[] octets, UnaryOperator<Message> answers) {
        try {
            return answers.apply(MessageDecoder.decode(octets));
        } catch (MalformedMessageException _) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
