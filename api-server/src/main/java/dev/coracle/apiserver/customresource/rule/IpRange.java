package dev.coracle.apiserver.customresource.rule;

import com.google.common.net.InetAddresses;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A network address and the length of its prefix; bits behind the prefix may be set.
 *
 * @param prefix in bits
 */
record IpRange(IpAddress address, int prefix) {

    static Optional<IpRange> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
            return Optional.empty();
        }
        int bits = Integer.parseInt(text.substring(slash + 1));
        return IpAddress.parse(text.substring(0, slash))
                .filter(address -> bits <= address.inet().getAddress().length * 8)
                .map(address -> new IpRange(address, bits));
    }

    boolean contains(IpAddress other) {
        return other.isVersion4() == address.isVersion4() && masked(other).equals(masked(address));
    }

    boolean contains(IpRange other) {
        return other.prefix >= prefix && contains(other.address);
    }

    IpRange masked() {
        return new IpRange(masked(address), prefix);
    }

    private IpAddress masked(IpAddress whole) {
        byte[] bytes = whole.inet().getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp(prefix - i * 8L, 0, 8);
            bytes[i] &= (byte) (0xff << (8 - kept));
        }
        try {
            return new IpAddress(InetAddresses.fromLittleEndianByteArray(reversed(bytes)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    @Override
    public String toString() {
        return address + "/" + prefix;
    }
}
