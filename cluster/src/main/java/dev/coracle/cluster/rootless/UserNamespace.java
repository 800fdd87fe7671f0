package dev.coracle.cluster.rootless;

import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A user namespace with the other namespaces that a cluster needs, by unshare(1). */
public final class UserNamespace {

    // the first process of the namespaces: with it, everything in them ends. It ends the cluster
    // when its input does, which is when the process outside has gone. What the host keeps in /run
    // cannot be written, and the names of namespaces are kept there
    private static final String FIRST =
            """
            mount -t tmpfs -o mode=755 tmpfs /run && ip link set lo up || exit 1
            exec 3<&0 </dev/null
            "$@" 3<&- &
            j=$!
            trap 'kill $j' TERM INT HUP
            { cat <&3 >/dev/null; kill $j; } 2>/dev/null &
            exec 3<&-
            while kill -0 $j 2>/dev/null; do wait $j; c=$?; done
            exit $c
            """;

    private static final String PROBE =
            """
            set -e
            mount -t tmpfs tmpfs /run
            ip netns add probe
            ip link add p0 type veth peer name p1 netns probe
            ip link add b0 type bridge
            mkdir /run/l /run/u /run/w /run/m
            mount -t overlay -o lowerdir=/run/l,upperdir=/run/u,workdir=/run/w overlay /run/m
            """;

    private UserNamespace() {}

    /** Makes one and tries in it what a cluster does; why it cannot be had, or empty. */
    public static Optional<String> obstacle() {
        for (String tool : List.of("unshare", "ip", "mount", "nsenter", "chroot", "setpriv")) {
            if (Tool.find(tool).isEmpty()) {
                return Optional.of(
                        "'"
                                + tool
                                + "' is not installed; on Debian: apt-get install "
                                + (tool.equals("ip") ? "iproute2" : "util-linux coreutils"));
            }
        }
        try {
            String _ = Tool.run(command(List.of("sh", "-c", PROBE)), "");
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    "this host does not let a user make namespaces ("
                            + String.valueOf(e.getMessage())
                                    .replaceFirst("(?s).*exited with", "unshare exited with")
                            + ")"
                            + forbids("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")
                            + forbids("/proc/sys/kernel/unprivileged_userns_clone", "0")
                            + forbids("/proc/sys/user/max_user_namespaces", "0"));
        }
    }

    /** What root could set, if this file has the value that forbids. */
    private static String forbids(String file, String value) {
        try {
            boolean forbids = Files.readAllLines(Path.of(file)).equals(List.of(value));
            String name = name(file);
            String other = value.equals("1") ? "0" : name.endsWith("clone") ? "1" : "10000";
            return forbids ? "; root could allow it: sysctl " + name + "=" + other : "";
        } catch (IOException _) {
            return "";
        }
    }

    private static String name(String file) {
        return file.substring("/proc/sys/".length()).replace('/', '.');
    }

    /** A command line that runs {@code program} with this user as root. */
    private static List<String> command(List<String> program) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Tool.find("unshare").map(Path::toString).orElse("unshare"),
                                "--user",
                                "--map-root-user",
                                "--net",
                                "--mount",
                                "--ipc",
                                "--uts",
                                "--pid",
                                "--fork",
                                "--kill-child",
                                "--mount-proc"));
        command.addAll(program);
        return command;
    }

    /** The same under a first process that ends with its input. */
    static List<String> running(List<String> program) {
        List<String> whole = new ArrayList<>(List.of("sh", "-c", FIRST, "sh"));
        whole.addAll(program);
        return command(whole);
    }
}
