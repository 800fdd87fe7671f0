package dev.coracle.dns.wire;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one message. Names in the data of known types are expanded. */
public final class MessageDecoder {

    private static final int MOST_POINTERS = 64;

    private final ByteBuffer buffer;
    private @Nullable Edns edns;

    private MessageDecoder(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    public static Message decode(byte[] octets) throws MalformedMessageException {
        try {
            return new MessageDecoder(ByteBuffer.wrap(octets)).message();
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            throw new MalformedMessageException(
                    "message is cut short or has a bad name: " + e.getMessage());
        }
    }

    private Message message() throws MalformedMessageException {
        int id = unsigned16();
        int flags = unsigned16();
        int[] counts = {unsigned16(), unsigned16(), unsigned16(), unsigned16()};
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < counts[0]; i++) {
            questions.add(new Question(name(), unsigned16(), unsigned16()));
        }
        List<ResourceRecord> answers = records(counts[1]);
        List<ResourceRecord> authorities = records(counts[2]);
        List<ResourceRecord> additionals = records(counts[3]);
        return new Message(id, flags, questions, answers, authorities, additionals, edns);
    }

    private List<ResourceRecord> records(int count) throws MalformedMessageException {
        List<ResourceRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DnsName name = name();
            int type = unsigned16();
            int dnsClass = unsigned16();
            long ttl = unsigned32();
            int length = unsigned16();
            int end = buffer.position() + length;
            if (end > buffer.limit()) {
                throw new MalformedMessageException(
                        "record data of " + length + " octets ends after the message");
            }
            if (type == RecordType.OPT) {
                if (edns != null || !name.labels().isEmpty()) {
                    throw new MalformedMessageException(
                            "more than one OPT record, or one that is not the root's");
                }
                edns =
                        new Edns(
                                dnsClass,
                                (int) (ttl >> 16 & 255),
                                (ttl & 0x8000) != 0,
                                (int) (ttl >> 24 & 255));
            } else {
                records.add(new ResourceRecord(name, dnsClass, ttl, data(type, length, end)));
            }
            buffer.position(end);
        }
        return records;
    }

    private Rdata data(int type, int length, int end) throws MalformedMessageException {
        return switch (type) {
            case RecordType.A -> new Rdata.A(address(length));
            case RecordType.NS, RecordType.CNAME, RecordType.PTR -> new Rdata.Name(type, name());
            case RecordType.SRV -> new Rdata.Srv(unsigned16(), unsigned16(), unsigned16(), name());
            case RecordType.MX -> new Rdata.Mx(unsigned16(), name());
            case RecordType.SOA ->
                    new Rdata.Soa(
                            name(),
                            name(),
                            unsigned32(),
                            unsigned32(),
                            unsigned32(),
                            unsigned32(),
                            unsigned32());
            case RecordType.TXT -> new Rdata.Txt(strings(end));
            default -> Rdata.Opaque.of(type, octets(length));
        };
    }

    private Inet4Address address(int length) throws MalformedMessageException {
        try {
            if (length == 4
                    && InetAddress.getByAddress(octets(4)) instanceof Inet4Address address) {
                return address;
            }
        } catch (UnknownHostException e) {
            throw new MalformedMessageException("bad address: " + e.getMessage());
        }
        throw new MalformedMessageException("an A record has 4 octets, got " + length);
    }

    private List<String> strings(int end) {
        List<String> strings = new ArrayList<>();
        while (buffer.position() < end) {
            strings.add(new String(octets(buffer.get() & 255), StandardCharsets.ISO_8859_1));
        }
        return strings;
    }

    private DnsName name() throws MalformedMessageException {
        List<String> labels = new ArrayList<>();
        int after = -1;
        int pointers = 0;
        while (true) {
            int length = buffer.get() & 255;
            if (length == 0) {
                break;
            }
            if ((length & 0xc0) == 0xc0) {
                int target = ((length & 0x3f) << 8) | (buffer.get() & 255);
                if (++pointers > MOST_POINTERS) {
                    throw new MalformedMessageException("a name points in a circle");
                }
                after = after < 0 ? buffer.position() : after;
                buffer.position(target);
            } else if ((length & 0xc0) != 0) {
                throw new MalformedMessageException(
                        "label type " + (length >> 6) + " is not known");
            } else {
                labels.add(new String(octets(length), StandardCharsets.ISO_8859_1));
            }
        }
        if (after >= 0) {
            buffer.position(after);
        }
        return new DnsName(labels);
    }

    private byte[] octets(int length) {
        byte[] octets = new byte[length];
        buffer.get(octets);
        return octets;
    }

    private int unsigned16() {
        return buffer.getShort() & 0xffff;
    }

    private long unsigned32() {
        return buffer.getInt() & 0xffffffffL;
    }
}
