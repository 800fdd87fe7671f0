package dev.coracle.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a cluster may make on a host: namespaces, links, routes, rules, mounts, processes. */
record HostState(Set<String> facts) {

    /** As it is now. */
    static HostState now() {
        Set<String> facts = new TreeSet<>();
        addLines(facts, "namespace", Shell.run("ip", "netns", "list"));
        addLines(facts, "link", Shell.run("ls", "/sys/class/net"));
        addLines(facts, "address", Shell.run("ip", "-o", "address"));
        addLines(facts, "route", Shell.run("ip", "route", "show", "table", "all"));
        addLines(facts, "rule", Shell.run("ip", "rule"));
        if (Files.isExecutable(Path.of("/usr/sbin/nft"))) {
            addLines(facts, "nft", Shell.run("nft", "list", "ruleset"));
        }
        addLines(facts, "mount", Shell.run("cat", "/proc/mounts"));
        ProcessHandle.allProcesses()
                .map(HostState::describe)
                .filter(text -> !text.isEmpty())
                .forEach(facts::add);
        return new HostState(Set.copyOf(facts));
    }

    /** What is there and was not {@code before}. */
    Set<String> madeSince(HostState before) {
        return facts.stream()
                .filter(fact -> !before.facts.contains(fact))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A process in another network than this one, or of Coracle's; otherwise empty. */
    private static String describe(ProcessHandle process) {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        try {
            Path network = Files.readSymbolicLink(proc.resolve("ns/net"));
            String command = Files.readString(proc.resolve("cmdline")).replace('\0', ' ').strip();
            boolean elsewhere =
                    !network.equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
            return elsewhere || command.contains("coracle.jar up")
                    ? "process " + process.pid() + " " + network + " " + command
                    : "";
        } catch (IOException _) {
            // it has ended
            return "";
        }
    }

    private static void addLines(Set<String> facts, String kind, Shell.Result listing) {
        listing.orFail()
                .lines()
                // numbers that change by themselves
                .map(line ->
                        line.replaceAll("(expires|valid_lft|preferred_lft) \\S+", "")
                                .replaceAll("packets \\d+ bytes \\d+", "")
                                .strip())
                .filter(line -> !line.isEmpty())
                .forEach(line -> facts.add(kind + " " + line));
    }
}
