package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.registry.validation.Addresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The addresses of the Service ranges, each taken at most once. Thread-safe. */
public final class ClusterIpAllocator {

    private final RandomGenerator random;
    private final Set<Integer> taken = new HashSet<>();
    private List<Range> ranges;

    /**
     * An allocator without any address taken, and one range until {@link #replaceRanges}.
     *
     * @param cidr an IPv4 range of 16 to 2^20 addresses, for instance {@code 10.96.0.0/16}
     */
    public ClusterIpAllocator(String cidr, RandomGenerator random) {
        this.random = random;
        Range range = Range.parse(cidr).orElse(null);
        if (range == null || range.bits() < 12 || range.bits() > 28) {
            throw new IllegalArgumentException(
                    "service range '" + cidr + "' is no IPv4 range between /12 and /28");
        }
        ranges = List.of(range);
    }

    /** Addresses are taken from these from now on; those taken before stay taken. */
    public synchronized void replaceRanges(List<Range> wanted) {
        ranges = List.copyOf(wanted);
    }

    synchronized boolean contains(String address) {
        Integer value = parse(address);
        return value != null && ranges.stream().anyMatch(range -> range.contains(value));
    }

    /** Whether the address, which must be one, was free; it is taken now. */
    public synchronized boolean take(String address) {
        return taken.add(number(address));
    }

    /** A free address of the first range that has one; empty when all are full. */
    synchronized Optional<String> takeAny() {
        for (Range range : ranges) {
            Integer free = range.free(taken, random);
            if (free != null) {
                taken.add(free);
                return Optional.of(print(free));
            }
        }
        return Optional.empty();
    }

    public synchronized void release(String address) {
        taken.remove(number(address));
    }

    /** What is taken and not {@code held}. */
    synchronized Set<String> leaked(Set<String> held) {
        Set<String> leaked = new HashSet<>();
        for (int address : taken) {
            String text = print(address);
            if (!held.contains(text)) {
                leaked.add(text);
            }
        }
        return leaked;
    }

    /**
     * An IPv4 range.
     *
     * @param network its first address, as a number
     * @param bits of the prefix
     */
    public record Range(int network, int bits) {

        /** Empty for another family, and for what is no range. */
        public static Optional<Range> parse(String cidr) {
            return Addresses.parseNetwork(cidr)
                    .filter(network -> !network.isV6())
                    .map(network -> {
                        int mask = network.bits() == 0 ? 0 : -1 << (32 - network.bits());
                        return new Range(number(network.address()) & mask, network.bits());
                    });
        }

        /** Whether a Service may have the address: not the first, nor the last. */
        boolean contains(int address) {
            long offset = Integer.toUnsignedLong(address - network);
            return offset > 0 && offset < size() - 1;
        }

        public boolean contains(String address) {
            Integer value = ClusterIpAllocator.parse(address);
            return value != null && contains(value);
        }

        private long size() {
            return 1L << (32 - bits);
        }

        /**
         * An address that is not taken, or null. The lower part is for addresses asked for by name
         * and comes last (KEP-3070).
         */
        private @Nullable Integer free(Set<Integer> taken, RandomGenerator random) {
            long last = size() - 1;
            if (last < 2) {
                return null;
            }
            long dynamic = Math.clamp(size() / 16, 16L, 256L);
            if (dynamic < last) {
                long start = random.nextLong(dynamic, last);
                Integer upper = firstFree(taken, start, last);
                if (upper == null) {
                    upper = firstFree(taken, dynamic, start);
                }
                if (upper != null) {
                    return upper;
                }
            }
            return firstFree(taken, 1, Math.min(dynamic, last));
        }

        private @Nullable Integer firstFree(Set<Integer> taken, long from, long below) {
            for (long offset = from; offset < below; offset++) {
                int address = (int) (network + offset);
                if (!taken.contains(address)) {
                    return address;
                }
            }
            return null;
        }
    }

    private static int number(String address) {
        Integer value = parse(address);
        if (value == null) {
            throw new IllegalArgumentException("'" + address + "' is no IPv4 address");
        }
        return value;
    }

    private static int number(InetAddress address) {
        int value = 0;
        for (byte octet : address.getAddress()) {
            value = (value << 8) | (octet & 0xff);
        }
        return value;
    }

    /** The address as a number, or null; leading zeros are refused (CVE-2021-29923). */
    static @Nullable Integer parse(String address) {
        return Addresses.parse(address)
                .filter(Inet4Address.class::isInstance)
                .map(ClusterIpAllocator::number)
                .orElse(null);
    }

    private static String print(int value) {
        byte[] bytes = {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
