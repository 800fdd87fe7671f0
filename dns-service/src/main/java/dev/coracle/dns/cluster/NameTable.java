package dev.coracle.dns.cluster;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each name, found by the octets of a packet without making anything.
 *
 * <p>One thread writes; any number read meanwhile, without locks, and see a name as it was before
 * or after a write.
 */
final class NameTable {

    private static final int FIRST_SIZE = 1024;

    private volatile AtomicReferenceArray<@Nullable Entry> buckets =
            new AtomicReferenceArray<>(FIRST_SIZE);
    private int size;

    /**
     * A name in a bucket.
     *
     * @param wire in lower case
     */
    private record Entry(byte[] wire, int hash, NameRecords records, @Nullable Entry next) {}

    /** What is known of the name in the first {@code length} octets, which are in lower case. */
    @Nullable NameRecords find(byte[] wire, int length, int hash) {
        AtomicReferenceArray<@Nullable Entry> all = buckets;
        Entry entry = all.get(hash & (all.length() - 1));
        while (entry != null) {
            if (entry.hash() == hash
                    && entry.wire().length == length
                    && Arrays.equals(entry.wire(), 0, length, wire, 0, length)) {
                return entry.records();
            }
            entry = entry.next();
        }
        return null;
    }

    @Nullable NameRecords find(byte[] wire) {
        return find(wire, wire.length, hash(wire, wire.length));
    }

    static int hash(byte[] wire, int length) {
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + wire[i];
        }
        return spread(hash);
    }

    /** The last step of a hash that is computed while a name is read. */
    static int spread(int hash) {
        return hash ^ (hash >>> 16);
    }

    /** Replaces what is known; null forgets the name. Only for the one writer. */
    void put(byte[] wire, @Nullable NameRecords records) {
        int hash = hash(wire, wire.length);
        AtomicReferenceArray<@Nullable Entry> all = buckets;
        int bucket = hash & (all.length() - 1);
        Entry rest = null;
        boolean known = false;
        for (Entry entry = all.get(bucket); entry != null; entry = entry.next()) {
            if (entry.hash() == hash && Arrays.equals(entry.wire(), wire)) {
                known = true;
            } else {
                rest = new Entry(entry.wire(), entry.hash(), entry.records(), rest);
            }
        }
        all.set(bucket, records == null ? rest : new Entry(wire, hash, records, rest));
        size += (records == null ? 0 : 1) - (known ? 1 : 0);
        if (size > all.length() - all.length() / 4) {
            grow(all);
        }
    }

    private void grow(AtomicReferenceArray<@Nullable Entry> small) {
        AtomicReferenceArray<@Nullable Entry> large =
                new AtomicReferenceArray<>(small.length() * 2);
        for (int i = 0; i < small.length(); i++) {
            for (Entry entry = small.get(i); entry != null; entry = entry.next()) {
                int bucket = entry.hash() & (large.length() - 1);
                large.setPlain(
                        bucket,
                        new Entry(
                                entry.wire(),
                                entry.hash(),
                                entry.records(),
                                large.getPlain(bucket)));
            }
        }
        buckets = large;
    }
}
