package dev.coracle.cluster.rootless;

import dev.coracle.fabric.UserPorts;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An address and port inside, and where it is on the host. Pure.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param address IPv4
 */
public record Target(String protocol, String address, int port) {

    public Target {
        if (!protocol.equals("tcp") && !protocol.equals("udp")) {
            throw new IllegalArgumentException("protocol must be tcp or udp: '" + protocol + "'");
        }
        if (!address.matches("\\d{1,3}(\\.\\d{1,3}){3}") || port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "no address and port: '" + address + ":" + port + "'");
        }
    }

    /** One word per component; {@link #parse} reads it. */
    String line() {
        return protocol + " " + address + " " + port;
    }

    static Target parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 3 || !words[2].matches("\\d{1,5}")) {
            throw new IllegalArgumentException("not a target: '" + line + "'");
        }
        return new Target(words[0], words[1], Integer.parseInt(words[2]));
    }

    InetSocketAddress inside() {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    /** On the host the first octet is 127, and a port that a user may not open is another. */
    public InetSocketAddress outside(int firstPort) {
        String loopback = "127" + address.substring(address.indexOf('.'));
        return new InetSocketAddress(
                InetAddress.ofLiteral(loopback), new UserPorts(firstPort).of(port));
    }
}
