package dev.coracle.fabric.island;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
     * The same in a container's network, where settings are often read-only and made by who started
     * it; there it also answers on {@code link} for its pods.
     *
     * @throws IOException naming the settings that are missing
     */
    static void requireRouter(NetworkNamespace own, String link) throws IOException {
        List<String> missing =
                own.call(() -> {
                    List<String> wrong = new ArrayList<>();
                    require("net/ipv4/ip_forward", "1", wrong);
                    require("net/ipv4/conf/all/rp_filter", "0", wrong);
                    require("net/ipv4/conf/" + link + "/rp_filter", "0", wrong);
                    require("net/ipv4/conf/all/proxy_arp", "1", wrong);
                    require("net/ipv4/conf/all/send_redirects", "0", wrong);
                    return wrong;
                });
        if (!missing.isEmpty()) {
            throw new IOException(
                    "this container's network must be started with --sysctl "
                            + String.join(" --sysctl ", missing));
        }
    }

    private static void require(String key, String value, List<String> missing) throws IOException {
        if (Files.readString(Path.of("/proc/sys", key)).strip().equals(value)) {
            return;
        }
        try {
            Path _ = set(key, value);
        } catch (IOException _) {
            missing.add(key.replace('/', '.') + "=" + value);
        }
    }

    private static Path set(String key, String value) throws IOException {
        return Files.writeString(Path.of("/proc/sys", key), value);
    }
}
