package dev.coracle.dns.cluster;

import dev.coracle.dns.wire.MessageEncoder;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of one name, and their wire form once somebody has asked. Immutable to others. */
public final class NameRecords {

    private static final RecordSet NONE = new RecordSet(0, new byte[0], new int[] {0});

    private final List<ResourceRecord> records;
    private volatile @Nullable RecordSet addresses;

    NameRecords(List<ResourceRecord> records) {
        this.records = List.copyOf(records);
    }

    /** Empty for a name that exists only because there is one below it. */
    public List<ResourceRecord> records() {
        return records;
    }

    /**
     * Records of one type as they are sent: each begins with a pointer to the name in question.
     *
     * @param starts where each begins, and where the last ends
     */
    public record RecordSet(int count, byte[] octets, int[] starts) {}

    /** Whether all there is to say of this name is its own records of the type asked for. */
    public boolean isPlain(int type) {
        if (type == RecordType.ANY || type == RecordType.SRV) {
            return false;
        }
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i).data().type() == RecordType.CNAME) {
                return false;
            }
        }
        return true;
    }

    /** The records of a type; the addresses are kept, as they are asked for all the time. */
    public RecordSet ofType(int type) {
        if (type != RecordType.A) {
            return encoded(type);
        }
        RecordSet known = addresses;
        if (known == null) {
            known = encoded(type);
            addresses = known;
        }
        return known;
    }

    private RecordSet encoded(int type) {
        List<byte[]> parts = new ArrayList<>();
        int length = 0;
        for (ResourceRecord record : records) {
            if (record.data().type() == type) {
                byte[] octets = MessageEncoder.recordOfTheQuestion(record);
                parts.add(octets);
                length += octets.length;
            }
        }
        if (parts.isEmpty()) {
            return NONE;
        }
        byte[] octets = new byte[length];
        int[] starts = new int[parts.size() + 1];
        for (int i = 0; i < parts.size(); i++) {
            byte[] part = parts.get(i);
            System.arraycopy(part, 0, octets, starts[i], part.length);
            starts[i + 1] = starts[i] + part.length;
        }
        return new RecordSet(parts.size(), octets, starts);
    }
}
