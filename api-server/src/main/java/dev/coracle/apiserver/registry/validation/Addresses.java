package dev.coracle.apiserver.registry.validation;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** IP addresses and networks as texts; never resolves a name. */
public final class Addresses {

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile("(" + OCTET + "\\.){3}" + OCTET);

    private Addresses() {}

    /**
     * A network.
     *
     * @param bits of the prefix
     */
    public record Network(InetAddress address, int bits) {

        public boolean isV6() {
            return address instanceof Inet6Address;
        }

        /** Whether every address of {@code other} is one of this network, which is larger. */
        public boolean strictlyContains(Network other) {
            return other.isV6() == isV6()
                    && other.bits > bits
                    && sameBits(address.getAddress(), other.address.getAddress(), bits);
        }

        private static boolean sameBits(byte[] one, byte[] two, int count) {
            for (int i = 0; i < count; i++) {
                int mask = 0x80 >> (i % 8);
                if ((one[i / 8] & mask) != (two[i / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** An address in its usual notation, without zone. */
    public static Optional<InetAddress> parse(String text) {
        try {
            if (V4.matcher(text).matches()) {
                return Optional.of(InetAddress.ofLiteral(text));
            }
            return text.contains(":") && text.matches("[0-9a-fA-F:.]+")
                    ? Optional.of(Inet6Address.ofLiteral(text))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public static Optional<Network> parseNetwork(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            return Optional.empty();
        }
        int bits = Integer.parseInt(text.substring(slash + 1));
        return parse(text.substring(0, slash))
                .filter(address -> bits <= address.getAddress().length * 8)
                .map(address -> new Network(address, bits));
    }

    /** Null when {@code text} is an address. */
    public static @Nullable String address(String text) {
        return parse(text).isPresent()
                ? null
                : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    }

    /** Null when {@code text} is an address of that family that an endpoint can have. */
    public static @Nullable String endpoint(String text, boolean v6) {
        return endpoint(text, v6, false);
    }

    /** The same where pods may have loopback addresses. */
    public static @Nullable String endpoint(String text, boolean v6, boolean onLoopback) {
        Optional<InetAddress> parsed = parse(text);
        if (parsed.isEmpty() || (parsed.get() instanceof Inet6Address) != v6) {
            return "must be a valid " + (v6 ? "IPv6" : "IPv4") + " address";
        }
        InetAddress address = parsed.get();
        if (address.isAnyLocalAddress()) {
            return "may not be unspecified (" + text + ")";
        } else if (address.isLoopbackAddress() && !onLoopback) {
            return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
        } else if (address.isLinkLocalAddress()) {
            return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        }
        return address.isMCLinkLocal()
                ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
                : null;
    }

    /** Null when {@code text} is a network. */
    public static @Nullable String network(String text) {
        return parseNetwork(text).isPresent()
                ? null
                : "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    }
}
