package dev.coracle.e2e;

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

    private static final String TABLE = "coracle_e2e_uplink";
    private static final Pattern PACKETS = Pattern.compile("counter packets (\\d+)");
    private static boolean watched;

    private Uplink() {}

    static synchronized void watch() {
        if (!watched) {
            reset();
            watched = true;
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> run("delete table ip " + TABLE + "\n")));
        }
    }

    /** Begins to count anew. */
    static void reset() {
        run(
                """
                add table ip %1$s
                delete table ip %1$s
                table ip %1$s {
                 set ranges { type ipv4_addr; flags interval; elements = { 10.244.0.0/16, 10.96.0.0/16, 10.89.0.0/24 }; }
                 chain leaving {
                  type filter hook postrouting priority 300;
                  oifname { "lo", "coracle-host" } accept
                  ip daddr @ranges counter
                  ip saddr @ranges counter
                 }
                }
                """
                        .formatted(TABLE));
    }

    /** Packets so far. */
    static int leaked() {
        Matcher packets = PACKETS.matcher(Shell.run("nft", "list", "table", "ip", TABLE).orFail());
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
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
