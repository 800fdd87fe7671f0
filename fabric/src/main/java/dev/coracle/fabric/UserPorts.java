package dev.coracle.fabric;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where ports are that a user may not open: ten thousand higher.
 *
 * @param first the lowest port that may be opened
 */
public record UserPorts(int first) {

    private static final int MOVED_BY = 10_000;
    private static final int CAP_NET_BIND_SERVICE = 10;
    private static final UserPorts HERE = new UserPorts(read());

    /** As it was for this process when it began. */
    public static UserPorts here() {
        return HERE;
    }

    /** The port that is opened for {@code port}. */
    public int of(int port) {
        return port < first ? port + MOVED_BY : port;
    }

    private static int read() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    long rights = Long.parseUnsignedLong(line.substring(7).strip(), 16);
                    if ((rights >> CAP_NET_BIND_SERVICE & 1) != 0) {
                        return 0;
                    }
                }
            }
            // the kernel gives it to one read only, so it must be a long one
            return Integer.parseInt(
                    Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start"))
                            .getFirst()
                            .strip());
        } catch (IOException | NumberFormatException _) {
            return 1024;
        }
    }
}
