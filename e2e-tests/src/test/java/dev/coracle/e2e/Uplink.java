package dev.coracle.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts packets from or to a cluster's addresses that leave the host by any link but the one into
 * the cluster. Counts from the first use to the end of the JVM.
 */
final class Uplink {

    /** Of the clusters of {@code coracle up}. */
    static final Uplink HOST =
            new Uplink(
                    "coracle_e2e_uplink",
                    "10.244.0.0/16, 10.96.0.0/16, 10.89.0.0/24",
                    "coracle-host");

    private static final Pattern PACKETS = Pattern.compile("counter packets (\\d+)");

    private final String table;
    private final String ranges;
    private final String inside;
    private boolean watched;

    /**
     * Of another cluster.
     *
     * @param table of nftables, for its rules
     * @param ranges the cluster's addresses
     * @param inside the link into the cluster
     */
    Uplink(String table, String ranges, String inside) {
        this.table = table;
        this.ranges = ranges;
        this.inside = inside;
    }

    synchronized void watch() {
        if (!watched) {
            reset();
            watched = true;
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> run("delete table ip " + table + "\n")));
        }
    }

    /** Begins to count anew. */
    void reset() {
        run(
                """
                add table ip %1$s
                delete table ip %1$s
                table ip %1$s {
                 set ranges { type ipv4_addr; flags interval; elements = { %2$s }; }
                 chain leaving {
                  type filter hook postrouting priority 300;
                  oifname { "lo", "%3$s" } accept
                  ip daddr @ranges counter
                  ip saddr @ranges counter
                 }
                }
                """
                        .formatted(table, ranges, inside));
    }

    /** Packets so far. */
    int leaked() {
        Matcher packets = PACKETS.matcher(Shell.run("nft", "list", "table", "ip", table).orFail());
        int sum = 0;
        while (packets.find()) {
            sum += Integer.parseInt(packets.group(1));
        }
        return sum;
    }

    private static void run(String commands) {
        try {
            Path file = Files.createTempFile("coracle-e2e", ".nft");
            Files.writeString(file, commands);
            Shell.run(Duration.ofSeconds(20), Map.of(), List.of("nft", "-f", file.toString()))
                    .orFail();
            Files.delete(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
