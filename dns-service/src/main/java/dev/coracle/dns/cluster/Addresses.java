package dev.coracle.dns.cluster;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/** IPv4 addresses as text. */
final class Addresses {

    private Addresses() {}

    static Optional<Inet4Address> parse(String text) {
        try {
            return InetAddress.ofLiteral(text) instanceof Inet4Address address
                    ? Optional.of(address)
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
