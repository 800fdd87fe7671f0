package dev.coracle.dns.forward;

import dev.coracle.dns.wire.MalformedMessageException;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.MessageDecoder;
import dev.coracle.dns.wire.MessageEncoder;
import dev.coracle.dns.wire.Question;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * One resolver, asked by UDP and again by TCP if the answer was cut. Each question has its own
 * socket, hence its own random port. Thread-safe.
 */
final class Resolver {

    private static final int LARGEST_DATAGRAM = 4096;
    private static final int MOST_FAILURES = 2;

    private final InetSocketAddress address;
    private final Duration timeout;
    private final RandomGenerator random;
    private final AtomicInteger failures = new AtomicInteger();

    Resolver(InetSocketAddress address, Duration timeout, RandomGenerator random) {
        this.address = address;
        this.timeout = timeout;
        this.random = random;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Whether it answered lately, or has not been asked. */
    boolean isUp() {
        return failures.get() < MOST_FAILURES;
    }

    /** Its response to a question. */
    Message ask(Question question) throws IOException, MalformedMessageException {
        Message query = Message.query(random.nextInt(1 << 16), question);
        try {
            Message response = overUdp(query);
            Message whole = response.isTruncated() ? overTcp(query) : response;
            failures.set(0);
            return whole;
        } catch (IOException | MalformedMessageException e) {
            failures.incrementAndGet();
            throw e;
        }
    }

    private Message overUdp(Message query) throws IOException, MalformedMessageException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout((int) timeout.toMillis());
            socket.connect(address);
            byte[] octets = MessageEncoder.encode(query);
            socket.send(new DatagramPacket(octets, octets.length));
            DatagramPacket packet =
                    new DatagramPacket(new byte[LARGEST_DATAGRAM], LARGEST_DATAGRAM);
            socket.receive(packet);
            return checked(
                    query,
                    MessageDecoder.decode(Arrays.copyOf(packet.getData(), packet.getLength())));
        }
    }

    private Message overTcp(Message query) throws IOException, MalformedMessageException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout((int) timeout.toMillis());
            socket.connect(address, (int) timeout.toMillis());
            byte[] octets = MessageEncoder.encode(query);
            var out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(octets.length);
            out.write(octets);
            out.flush();
            var in = new DataInputStream(socket.getInputStream());
            return checked(query, MessageDecoder.decode(in.readNBytes(in.readUnsignedShort())));
        }
    }

    private static Message checked(Message query, Message response)
            throws MalformedMessageException {
        if (!response.isResponse()
                || response.id() != query.id()
                || !response.questions().equals(query.questions())) {
            throw new MalformedMessageException("the response is to another question");
        }
        return response;
    }

    @Override
    public String toString() {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
