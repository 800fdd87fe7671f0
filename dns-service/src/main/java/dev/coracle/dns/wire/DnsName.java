package dev.coracle.dns.wire;

import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A domain name, absolute, without the final dot; compared without regard to case. */
public final class DnsName {

    public static final DnsName ROOT = new DnsName(List.of());

    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_NAME = 255;

    private final List<String> labels;
    private final int hash;

    public DnsName(List<String> labels) {
        this.labels = List.copyOf(labels);
        int length = 1;
        int hashed = 1;
        for (String label : this.labels) {
            if (label.isEmpty() || label.length() > LONGEST_LABEL) {
                throw new IllegalArgumentException(
                        "a label has 1 to 63 octets, got '" + label + "'");
            }
            length += label.length() + 1;
            hashed = 31 * hashed + label.toLowerCase(Locale.ROOT).hashCode();
        }
        if (length > LONGEST_NAME) {
            throw new IllegalArgumentException("a name has at most 255 octets, got " + length);
        }
        hash = hashed;
    }

    public static DnsName of(String text) {
        String absolute = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return absolute.isEmpty() ? ROOT : new DnsName(List.of(absolute.split("\\.", -1)));
    }

    /** From the first to the last; the case is as it was given. */
    public List<String> labels() {
        return labels;
    }

    /** The name of an address below {@code in-addr.arpa}. */
    public static DnsName reverse(Inet4Address address) {
        List<String> octets = List.of(address.getHostAddress().split("\\.", -1));
        return of(String.join(".", octets.reversed()) + ".in-addr.arpa");
    }

    /** This name below {@code zone}. */
    public DnsName in(DnsName zone) {
        List<String> all = new ArrayList<>(labels);
        all.addAll(zone.labels);
        return new DnsName(all);
    }

    public boolean isAtOrBelow(DnsName zone) {
        int depth = labels.size() - zone.labels.size();
        return depth >= 0 && same(labels.subList(depth, labels.size()), zone.labels);
    }

    /** The name without its first {@code count} labels. */
    public DnsName parent(int count) {
        return new DnsName(labels.subList(count, labels.size()));
    }

    /** As it is sent, in lower case: each label after its length, and a zero. */
    public byte[] wire() {
        int length = 1;
        for (String label : labels) {
            length += label.length() + 1;
        }
        byte[] wire = new byte[length];
        int at = 0;
        for (String label : labels) {
            wire[at++] = (byte) label.length();
            for (byte octet : label.getBytes(StandardCharsets.ISO_8859_1)) {
                wire[at++] = lower(octet);
            }
        }
        return wire;
    }

    /** An octet of a name without regard to case: only ASCII letters have one (RFC 4343). */
    public static byte lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? (byte) (octet + 32) : octet;
    }

    private static boolean same(List<String> one, List<String> other) {
        for (int i = 0; i < one.size(); i++) {
            if (!one.get(i).equalsIgnoreCase(other.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DnsName name
                && hash == name.hash
                && labels.size() == name.labels.size()
                && same(labels, name.labels);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return String.join(".", labels);
    }
}
