package dev.coracle.dns.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes one message, compressing names where RFC 1035 allows it. */
public final class MessageEncoder {

    private static final int HEADER_OCTETS = 12;
    private static final int FARTHEST_POINTER = 0x3fff;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private final Map<DnsName, Integer> written = new HashMap<>();

    private MessageEncoder() {}

    public static byte[] encode(Message message) {
        return new MessageEncoder().message(message);
    }

    /**
     * As {@link #encode(Message)}, in at most {@code limit} octets: additional records are left out
     * first, then all records, with the TC bit set.
     */
    public static byte[] encode(Message message, int limit) {
        byte[] whole = encode(message);
        if (whole.length <= limit) {
            return whole;
        }
        byte[] lean = encode(message.withAdditionals(List.of()));
        return lean.length <= limit ? lean : encode(message.truncated());
    }

    /** One record by itself, its owner written out. */
    public static byte[] record(ResourceRecord record) {
        MessageEncoder encoder = new MessageEncoder();
        encoder.put(record);
        return encoder.out.toByteArray();
    }

    /** One record of a response, its owner a pointer to the name in question. */
    public static byte[] recordOfTheQuestion(ResourceRecord record) {
        MessageEncoder encoder = new MessageEncoder();
        encoder.put16(0xc000 | HEADER_OCTETS);
        encoder.putAfterName(record);
        return encoder.out.toByteArray();
    }

    private byte[] message(Message message) {
        put16(message.id());
        put16(message.flags());
        put16(message.questions().size());
        put16(message.answers().size());
        put16(message.authorities().size());
        put16(message.additionals().size() + (message.edns() == null ? 0 : 1));
        for (Question question : message.questions()) {
            putName(question.name(), true);
            put16(question.type());
            put16(question.dnsClass());
        }
        message.answers().forEach(this::put);
        message.authorities().forEach(this::put);
        message.additionals().forEach(this::put);
        Edns edns = message.edns();
        if (edns != null) {
            out.write(0);
            put16(RecordType.OPT);
            put16(edns.udpPayload());
            put32(
                    ((long) edns.extendedCode() << 24)
                            | ((long) edns.version() << 16)
                            | (edns.dnssecOk() ? 0x8000 : 0));
            put16(0);
        }
        return out.toByteArray();
    }

    private void put(ResourceRecord record) {
        putName(record.name(), true);
        putAfterName(record);
    }

    private void putAfterName(ResourceRecord record) {
        put16(record.data().type());
        put16(record.dnsClass());
        put32(record.ttl());
        MessageEncoder data = new MessageEncoder();
        data.putData(record.data());
        byte[] octets = data.out.toByteArray();
        put16(octets.length);
        out.writeBytes(octets);
    }

    /** Names in data stay whole: correct for every type, and the encoder needs no look back. */
    private void putData(Rdata data) {
        switch (data) {
            case Rdata.A(var address) -> out.writeBytes(address.getAddress());
            case Rdata.Name(int _, DnsName target) -> putName(target, false);
            case Rdata.Srv(int priority, int weight, int port, DnsName target) -> {
                put16(priority);
                put16(weight);
                put16(port);
                putName(target, false);
            }
            case Rdata.Mx(int preference, DnsName exchange) -> {
                put16(preference);
                putName(exchange, false);
            }
            case Rdata.Soa soa -> {
                putName(soa.primary(), false);
                putName(soa.mailbox(), false);
                put32(soa.serial());
                put32(soa.refresh());
                put32(soa.retry());
                put32(soa.expire());
                put32(soa.minimum());
            }
            case Rdata.Txt(List<String> strings) ->
                    strings.forEach(text -> {
                        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
                        out.write(octets.length);
                        out.writeBytes(octets);
                    });
            case Rdata.Opaque opaque -> out.writeBytes(opaque.data());
        }
    }

    private void putName(DnsName name, boolean compress) {
        for (int i = 0; i < name.labels().size(); i++) {
            DnsName rest = name.parent(i);
            Integer at = compress ? written.get(rest) : null;
            if (at != null) {
                put16(0xc000 | at);
                return;
            }
            if (compress && out.size() <= FARTHEST_POINTER) {
                written.put(rest, out.size());
            }
            byte[] label = name.labels().get(i).getBytes(StandardCharsets.ISO_8859_1);
            out.write(label.length);
            out.writeBytes(label);
        }
        out.write(0);
    }

    private void put16(int value) {
        out.write(value >> 8);
        out.write(value);
    }

    private void put32(long value) {
        put16((int) (value >> 16) & 0xffff);
        put16((int) value & 0xffff);
    }
}
