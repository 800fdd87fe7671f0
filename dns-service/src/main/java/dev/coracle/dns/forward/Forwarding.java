package dev.coracle.dns.forward;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one resolver after the other, by UDP and again by TCP if the answer was cut. Without
 * resolvers everything is refused at once. Each question has its own socket, hence its own random
 * port. Thread-safe.
 */
public final class Forwarding implements Link {

    private static final Logger log = LoggerFactory.getLogger(Forwarding.class);
    private static final int MOST_AT_ONCE = 200;
    private static final int LARGEST_DATAGRAM = 4096;

    private final List<InetSocketAddress> resolvers;
    private final Duration timeout;
    private final RandomGenerator random;
    private final Semaphore slots = new Semaphore(MOST_AT_ONCE);

    /** {@code timeout} is for each resolver. */
    public Forwarding(List<InetSocketAddress> resolvers, Duration timeout, RandomGenerator random) {
        this.resolvers = List.copyOf(resolvers);
        this.timeout = timeout;
        this.random = random;
    }

    @Override
    public Optional<Answer> answer(Question question) {
        if (resolvers.isEmpty()) {
            return Optional.of(new Answer.Refused());
        }
        if (!slots.tryAcquire()) {
            return Optional.of(new Answer.Failed());
        }
        try {
            for (InetSocketAddress resolver : resolvers) {
                Optional<Answer> answer = ask(resolver, question);
                if (answer.isPresent()) {
                    return answer;
                }
            }
            return Optional.of(new Answer.Failed());
        } finally {
            slots.release();
        }
    }

    /** Empty if this resolver does not help. */
    private Optional<Answer> ask(InetSocketAddress resolver, Question question) {
        Message query = Message.query(random.nextInt(1 << 16), question);
        try {
            Message response = overUdp(resolver, query);
            return answer(response.isTruncated() ? overTcp(resolver, query) : response);
        } catch (IOException | MalformedMessageException e) {
            log.debug("resolver={} name={}: {}", resolver, question.name(), e.toString());
            return Optional.empty();
        }
    }

    private static Optional<Answer> answer(Message response) {
        return switch (response.responseCode()) {
            case 0 ->
                    Optional.of(
                            response.answers().stream()
                                            .anyMatch(r ->
                                                    r.data().type()
                                                                    == response.questions()
                                                                            .getFirst()
                                                                            .type()
                                                            || response.questions()
                                                                            .getFirst()
                                                                            .type()
                                                                    == 255)
                                    ? new Answer.Records(response.answers(), List.of(), false)
                                    : new Answer.NoData(
                                            response.answers(), response.authorities()));
            case 3 -> Optional.of(new Answer.NxDomain(response.answers(), response.authorities()));
            default -> Optional.empty();
        };
    }

    private Message overUdp(InetSocketAddress resolver, Message query)
            throws IOException, MalformedMessageException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout((int) timeout.toMillis());
            socket.connect(resolver);
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

    private Message overTcp(InetSocketAddress resolver, Message query)
            throws IOException, MalformedMessageException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout((int) timeout.toMillis());
            socket.connect(resolver, (int) timeout.toMillis());
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
}
