package dev.coracle.dns.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A domain name, absolute, without the final dot; compared without regard to case. */
public record DnsName(List<String> labels) {

    public static final DnsName ROOT = new DnsName(List.of());

    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_NAME = 255;

    public DnsName {
        labels = List.copyOf(labels);
        int length = 1;
        for (String label : labels) {
            if (label.isEmpty() || label.length() > LONGEST_LABEL) {
                throw new IllegalArgumentException(
                        "a label has 1 to 63 octets, got '" + label + "'");
            }
            length += label.length() + 1;
        }
        if (length > LONGEST_NAME) {
            throw new IllegalArgumentException("a name has at most 255 octets, got " + length);
        }
    }

    public static DnsName of(String text) {
        String absolute = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return absolute.isEmpty() ? ROOT : new DnsName(List.of(absolute.split("\\.", -1)));
    }

    /** This name below {@code zone}. */
    public DnsName in(DnsName zone) {
        List<String> all = new ArrayList<>(labels);
        all.addAll(zone.labels);
        return new DnsName(all);
    }

    public boolean isAtOrBelow(DnsName zone) {
        int depth = labels.size() - zone.labels.size();
        return depth >= 0 && parent(depth).equals(zone);
    }

    /** The name without its first {@code count} labels. */
    public DnsName parent(int count) {
        return new DnsName(labels.subList(count, labels.size()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DnsName name && toString().equalsIgnoreCase(name.toString());
    }

    @Override
    public int hashCode() {
        return toString().toLowerCase(Locale.ROOT).hashCode();
    }

    @Override
    public String toString() {
        return String.join(".", labels);
    }
}
