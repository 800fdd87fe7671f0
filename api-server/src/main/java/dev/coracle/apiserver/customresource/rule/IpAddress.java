package dev.coracle.apiserver.customresource.rule;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.Optional;

/** An IPv4 or IPv6 address without a zone; prints itself in its canonical form. */
record IpAddress(InetAddress inet) {

    static Optional<IpAddress> parse(String text) {
        if (!InetAddresses.isInetAddress(text) || text.indexOf('%') >= 0) {
            return Optional.empty();
        }
        InetAddress address = InetAddresses.forString(text);
        boolean mapped = text.indexOf(':') >= 0 && address.getAddress().length == 4;
        return mapped ? Optional.empty() : Optional.of(new IpAddress(address));
    }

    boolean isVersion4() {
        return inet.getAddress().length == 4;
    }

    boolean isLinkLocalMulticast() {
        byte[] bytes = inet.getAddress();
        return isVersion4()
                ? (bytes[0] & 0xff) == 224 && bytes[1] == 0 && bytes[2] == 0
                : (bytes[0] & 0xff) == 0xff && (bytes[1] & 0x0f) == 2;
    }

    /** As Go's netip has it: private addresses too. */
    boolean isGlobalUnicast() {
        byte[] bytes = inet.getAddress();
        boolean broadcast = isVersion4() && (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == -1;
        return !broadcast
                && !inet.isAnyLocalAddress()
                && !inet.isLoopbackAddress()
                && !inet.isMulticastAddress()
                && !inet.isLinkLocalAddress();
    }

    @Override
    public String toString() {
        return InetAddresses.toAddrString(inet);
    }
}
