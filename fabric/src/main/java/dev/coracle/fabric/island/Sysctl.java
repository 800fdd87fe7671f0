package dev.coracle.fabric.island;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Kernel settings of one network namespace. The host's are never changed. */
final class Sysctl {

    private Sysctl() {}

    /** Makes a node a router that also accepts what enters and leaves on different links. */
    static void forwardPackets(NetworkNamespace node) throws IOException {
        if (node.isHost()) {
            throw new IllegalArgumentException("the host's settings are not ours to change");
        }
        Path _ =
                node.call(() -> {
                    set("net/ipv4/ip_forward", "1");
                    set("net/ipv4/conf/all/rp_filter", "0");
                    set("net/ipv4/conf/default/rp_filter", "0");
                    set("net/ipv4/conf/all/send_redirects", "0");
                    return set("net/ipv4/conf/default/send_redirects", "0");
                });
    }

    /**
     * The same in a container's own network, where it also answers on {@code link} for its pods.
     */
    static void forwardPacketsOf(NetworkNamespace own, String link) throws IOException {
        forwardPackets(own);
        Path _ =
                own.call(() -> {
                    set("net/ipv4/conf/" + link + "/rp_filter", "0");
                    set("net/ipv4/conf/" + link + "/send_redirects", "0");
                    set("net/ipv4/neigh/" + link + "/proxy_delay", "0");
                    return set("net/ipv4/conf/" + link + "/proxy_arp", "1");
                });
    }

    private static Path set(String key, String value) throws IOException {
        return Files.writeString(Path.of("/proc/sys", key), value);
    }
}
