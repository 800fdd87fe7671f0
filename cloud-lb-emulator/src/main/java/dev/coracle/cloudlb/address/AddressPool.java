package dev.coracle.cloudlb.address;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The addresses of an IPv4 network, each given to one holder at a time. The network's first and
 * last address are not given. Thread-safe.
 */
public final class AddressPool {

    private final String cidr;
    private final long first;
    private final long last;
    private final Map<String, String> holders = new LinkedHashMap<>();

    public AddressPool(String cidr) {
        int slash = cidr.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("expected address/length, got '" + cidr + "'");
        }
        int length = Integer.parseInt(cidr.substring(slash + 1));
        if (length < 1 || length > 30) {
            throw new IllegalArgumentException(
                    "the length must be between 1 and 30, got '" + cidr + "'");
        }
        long size = 1L << (32 - length);
        long base = number(cidr.substring(0, slash)) & -size;
        this.cidr = cidr;
        this.first = base + 1;
        this.last = base + size - 2;
    }

    public String cidr() {
        return cidr;
    }

    /** True if {@code address} is one this pool gives. */
    public boolean contains(String address) {
        try {
            long number = number(address);
            return number >= first && number <= last;
        } catch (NumberFormatException _) {
            return false;
        }
    }

    /**
     * Gives {@code holder} an address: the one it has, or {@code wanted} if that is free, or the
     * lowest free one.
     *
     * @param wanted empty: any
     * @return empty if {@code wanted} is not of this pool or held by another, or if none is left
     */
    public synchronized Optional<String> allocate(String holder, String wanted) {
        Optional<String> held = findAddress(holder);
        if (held.isPresent() && (wanted.isEmpty() || held.get().equals(wanted))) {
            return held;
        }
        if (!wanted.isEmpty()) {
            if (!contains(wanted) || holders.containsKey(wanted)) {
                return Optional.empty();
            }
            release(holder);
            holders.put(wanted, holder);
            return Optional.of(wanted);
        }
        for (long number = first; number <= last; number++) {
            if (holders.putIfAbsent(text(number), holder) == null) {
                return Optional.of(text(number));
            }
        }
        return Optional.empty();
    }

    public synchronized void release(String holder) {
        holders.values().removeIf(holder::equals);
    }

    /** Who holds which address, in order of allocation. */
    public synchronized Map<String, String> holders() {
        return Map.copyOf(holders);
    }

    private Optional<String> findAddress(String holder) {
        return holders.entrySet().stream()
                .filter(e -> e.getValue().equals(holder))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static long number(String address) {
        String[] octets = address.split("\\.", -1);
        if (octets.length != 4) {
            throw new NumberFormatException("expected an IPv4 address, got '" + address + "'");
        }
        long number = 0;
        for (String octet : octets) {
            number = number * 256 + Integer.parseInt(octet);
        }
        return number;
    }

    private static String text(long number) {
        return (number >> 24 & 255)
                + "."
                + (number >> 16 & 255)
                + "."
                + (number >> 8 & 255)
                + "."
                + (number & 255);
    }
}
