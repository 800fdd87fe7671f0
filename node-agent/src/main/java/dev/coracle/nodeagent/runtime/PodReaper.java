package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The first process of a PID namespace that a pod's containers share. It only reaps, and outlives
 * the agent: its number and start time are in a file of the pod.
 */
final class PodReaper {

    private static final String FILE = "reaper";

    private PodReaper() {}

    /** Its number as the node has it; it is started if it does not run. */
    static synchronized long start(HostTools tools, Path folder) throws IOException {
        Optional<ProcessHandle> known = find(folder);
        if (known.isPresent()) {
            return known.get().pid();
        }
        Process parent =
                new ProcessBuilder(
                                tools.setsid(),
                                tools.unshare(),
                                "--pid",
                                "--fork",
                                "--kill-child",
                                tools.shell(),
                                "-c",
                                "trap '' TERM INT HUP; echo; exec >/dev/null;"
                                        + " while :; do sleep 100000 & wait; done")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        int _ = parent.getInputStream().read();
        ProcessHandle first =
                ProcFiles.firstInNamespace(parent.pid())
                        .orElseThrow(() -> new IOException("the pod's first process is gone"));
        Files.writeString(
                folder.resolve(FILE), first.pid() + " " + ProcFiles.startTicks(first.pid()));
        return first.pid();
    }

    /** Ends it, and with it all that is in its namespace. */
    static void end(Path folder) {
        try {
            find(folder).ifPresent(ProcessHandle::destroyForcibly);
        } catch (IOException _) {
            // there never was one
        }
    }

    private static Optional<ProcessHandle> find(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String[] words = Files.readString(file).split(" ", 2);
        long pid = Long.parseLong(words[0]);
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(_ -> Long.parseLong(words[1]) == ProcFiles.startTicks(pid));
    }
}
