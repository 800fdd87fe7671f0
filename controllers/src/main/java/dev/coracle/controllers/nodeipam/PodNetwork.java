package dev.coracle.controllers.nodeipam;

import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** An IPv4 network that is cut into equal parts, one per node. */
public record PodNetwork(String cidr, int nodePrefixLength) {

    public PodNetwork {
        int prefix = prefixLength(cidr);
        if (nodePrefixLength < prefix || nodePrefixLength > 30) {
            throw new IllegalArgumentException(
                    "nodePrefixLength must be between "
                            + prefix
                            + " and 30, got "
                            + nodePrefixLength);
        }
    }

    /** The lowest part that is not in {@code taken}; empty if there is none left. */
    public Optional<String> allocate(Collection<String> taken) {
        Set<String> known = new HashSet<>(taken);
        long base = address(cidr);
        int parts = 1 << (nodePrefixLength - prefixLength(cidr));
        long size = 1L << (32 - nodePrefixLength);
        for (int i = 0; i < parts; i++) {
            String part = dotted(base + i * size) + "/" + nodePrefixLength;
            if (!known.contains(part)) {
                return Optional.of(part);
            }
        }
        return Optional.empty();
    }

    private static int prefixLength(String cidr) {
        int slash = cidr.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("expected address/length, got '" + cidr + "'");
        }
        return Integer.parseInt(cidr.substring(slash + 1));
    }

    private static long address(String cidr) {
        long address = 0;
        for (String octet : cidr.substring(0, cidr.indexOf('/')).split("\\.", -1)) {
            address = address * 256 + Integer.parseInt(octet);
        }
        return address;
    }

    private static String dotted(long address) {
        return (address >> 24 & 255)
                + "."
                + (address >> 16 & 255)
                + "."
                + (address >> 8 & 255)
                + "."
                + (address & 255);
    }
}
