package dev.coracle.apiserver.registry.core.service;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The addresses of the Service range. Thread-safe. */
public final class ClusterIpAllocator {

    private final String cidr;
    private final int network;
    private final int size;
    private final NumberPool pool;

    /**
     * An allocator without any address taken but the network's and the broadcast address.
     *
     * @param cidr an IPv4 range of 16 to 2^20 addresses, for instance {@code 10.96.0.0/16}
     */
    public ClusterIpAllocator(String cidr, RandomGenerator random) {
        String[] parts = cidr.split("/", -1);
        Integer address = parts.length == 2 ? parse(parts[0]) : null;
        if (address == null || !parts[1].matches("1[2-9]|2[0-8]")) {
            throw new IllegalArgumentException(
                    "service range '" + cidr + "' is no IPv4 range between /12 and /28");
        }
        this.cidr = cidr;
        this.size = 1 << (32 - Integer.parseInt(parts[1]));
        this.network = address & -size;
        this.pool = new NumberPool(size, Math.min(Math.max(16, size / 16), 256) % size, random);
        pool.take(0);
        pool.take(size - 1);
    }

    String cidr() {
        return cidr;
    }

    boolean contains(String address) {
        Integer value = parse(address);
        return value != null && (value & -size) == network;
    }

    /** Whether the address, which must be in the range, was free; it is taken now. */
    boolean take(String address) {
        return pool.take(offset(address));
    }

    Optional<String> takeAny() {
        OptionalInt offset = pool.takeAny();
        return offset.isPresent()
                ? Optional.of(print(network + offset.getAsInt()))
                : Optional.empty();
    }

    void release(String address) {
        pool.release(offset(address));
    }

    private int offset(String address) {
        Integer value = parse(address);
        if (value == null) {
            throw new IllegalArgumentException("'" + address + "' is no IPv4 address");
        }
        return value - network;
    }

    /** The address as a number, or null; leading zeros are refused (CVE-2021-29923). */
    static @Nullable Integer parse(String address) {
        if (!address.matches("((0|[1-9][0-9]{0,2})\\.){3}(0|[1-9][0-9]{0,2})")) {
            return null;
        }
        int value = 0;
        for (String part : address.split("\\.", -1)) {
            int octet = Integer.parseInt(part);
            if (octet > 255) {
                return null;
            }
            value = value << 8 | octet;
        }
        return value;
    }

    private static String print(int value) {
        byte[] bytes = {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
