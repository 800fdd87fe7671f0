package dev.coracle.dns.forward;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The name servers of a {@code resolv.conf}; its search list is not taken over. */
public final class ResolvConf {

    private static final Logger log = LoggerFactory.getLogger(ResolvConf.class);
    private static final int PORT = 53;

    private ResolvConf() {}

    /** An unreadable file has no servers. */
    public static List<InetSocketAddress> nameServers(Path file) {
        List<InetSocketAddress> servers = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.strip().split("\\s+", 3);
                if (words.length >= 2 && words[0].equals("nameserver")) {
                    add(words[1], servers);
                }
            }
        } catch (IOException e) {
            log.info("no resolvers from {}: {}", file, e.toString());
        }
        return List.copyOf(servers);
    }

    private static void add(String address, List<InetSocketAddress> servers) {
        try {
            servers.add(new InetSocketAddress(InetAddress.ofLiteral(address), PORT));
        } catch (IllegalArgumentException _) {
            log.warn("name server '{}' is not an address", address);
        }
    }
}
