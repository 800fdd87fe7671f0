package dev.coracle.fabric;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses in prefix notation, for instance {@code 10.89.0.0/24}.
 *
 * @param network the first address as an unsigned 32-bit number
 * @param prefixLength 0 to 32
 */
public record Cidr(int network, int prefixLength) {

    private static final Pattern NOTATION =
            Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");

    public Cidr {
        if (prefixLength < 0 || prefixLength > 32) {
            throw new IllegalArgumentException(
                    "prefix length must be 0 to 32, not " + prefixLength);
        }
        if ((network & ~mask(prefixLength)) != 0) {
            throw new IllegalArgumentException(
                    "'"
                            + dotted(network)
                            + "/"
                            + prefixLength
                            + "' has bits set behind its prefix; the range starts at "
                            + dotted(network & mask(prefixLength)));
        }
    }

    /** Reads {@code a.b.c.d/n}; a mistake is quoted in the exception's message. */
    public static Cidr of(String text) {
        Matcher matcher = NOTATION.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an IPv4 range such as 10.89.0.0/24");
        }
        int network = 0;
        for (int i = 1; i <= 4; i++) {
            int octet = Integer.parseInt(matcher.group(i));
            if (octet > 255) {
                throw new IllegalArgumentException("'" + text + "' has an octet above 255");
            }
            network = network << 8 | octet;
        }
        return new Cidr(network, Integer.parseInt(matcher.group(5)));
    }

    /** The address {@code index} places after the first one, as text. */
    public String address(int index) {
        if (index < 0 || index >= size()) {
            throw new IllegalArgumentException(this + " has no address number " + index);
        }
        return dotted(network + index);
    }

    /** How many addresses, first and last included. */
    public long size() {
        return 1L << (32 - prefixLength);
    }

    /** Whether the literal IPv4 address lies in this range; false for anything else. */
    public boolean contains(String address) {
        try {
            return address.matches("[0-9.]+")
                    && InetAddress.getByName(address) instanceof Inet4Address v4
                    && contains(v4);
        } catch (UnknownHostException _) {
            return false;
        }
    }

    public boolean contains(Inet4Address address) {
        byte[] octets = address.getAddress();
        int value = 0;
        for (byte octet : octets) {
            value = value << 8 | Byte.toUnsignedInt(octet);
        }
        return (value & mask(prefixLength)) == network;
    }

    public boolean overlaps(Cidr other) {
        int shared = mask(Math.min(prefixLength, other.prefixLength));
        return (network & shared) == (other.network & shared);
    }

    @Override
    public String toString() {
        return dotted(network) + "/" + prefixLength;
    }

    private static int mask(int prefixLength) {
        return prefixLength == 0 ? 0 : -1 << (32 - prefixLength);
    }

    private static String dotted(int address) {
        return (address >>> 24)
                + "."
                + (address >>> 16 & 255)
                + "."
                + (address >>> 8 & 255)
                + "."
                + (address & 255);
    }
}
