package dev.coracle.cloudlb.balancer;

import java.net.InetAddress;
import java.util.Arrays;

/** An IP network; says which clients are in it. */
record SourceRange(InetAddress network, int length) {

    static SourceRange of(String cidr) {
        int slash = cidr.indexOf('/');
        try {
            InetAddress network =
                    InetAddress.ofLiteral(slash < 0 ? cidr : cidr.substring(0, slash));
            int most = network.getAddress().length * 8;
            int length = slash < 0 ? most : Integer.parseInt(cidr.substring(slash + 1).strip());
            if (length >= 0 && length <= most) {
                return new SourceRange(network, length);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "sourceRanges: expected address/length, got '" + cidr + "'", e);
        }
        throw new IllegalArgumentException(
                "sourceRanges: expected address/length, got '" + cidr + "'");
    }

    boolean contains(InetAddress client) {
        byte[] mine = network.getAddress();
        byte[] theirs = client.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        int whole = length / 8;
        if (!Arrays.equals(mine, 0, whole, theirs, 0, whole)) {
            return false;
        }
        int rest = length % 8;
        int mask = rest == 0 ? 0 : 0xff << (8 - rest) & 0xff;
        return rest == 0 || (mine[whole] & mask) == (theirs[whole] & mask);
    }
}
