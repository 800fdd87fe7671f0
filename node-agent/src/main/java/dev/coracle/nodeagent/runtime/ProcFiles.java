package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What the runtime reads of processes in {@code /proc} (proc(5)). */
final class ProcFiles {

    private static final Path PROC = Path.of("/proc");
    // fields are counted from 1 and the state, the first one after the name, is the third
    private static final int START_TIME = 22 - 3;
    private static final int SESSION = 6 - 3;

    private ProcFiles() {}

    /** When the process started, in clock ticks since the machine did; -1 if it is gone. */
    static long startTicks(long pid) {
        return field(pid, START_TIME);
    }

    /** The session that the process is in; -1 if it is gone. */
    static long session(long pid) {
        return field(pid, SESSION);
    }

    private static long field(long pid, int number) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Long.parseLong(fields[number]);
        } catch (IOException _) {
            return -1;
        }
    }

    /**
     * The nearest descendant of {@code pid} that lives in another PID namespace than this JVM: the
     * first process of a container.
     */
    static Optional<ProcessHandle> firstInNamespace(long pid) {
        String own = namespace("self");
        Deque<Long> open = new ArrayDeque<>(List.of(pid));
        while (!open.isEmpty()) {
            long next = open.poll();
            String namespace = namespace(Long.toString(next));
            if (!namespace.isEmpty() && !namespace.equals(own)) {
                return ProcessHandle.of(next);
            }
            open.addAll(children(next));
        }
        return Optional.empty();
    }

    static List<Long> children(long pid) {
        try {
            String text = Files.readString(PROC.resolve(pid + "/task/" + pid + "/children"));
            return Arrays.stream(text.strip().split(" ", -1))
                    .filter(word -> !word.isEmpty())
                    .map(Long::parseLong)
                    .toList();
        } catch (IOException _) {
            return List.of();
        }
    }

    private static String namespace(String pid) {
        try {
            return Files.readSymbolicLink(PROC.resolve(pid + "/ns/pid")).toString();
        } catch (IOException _) {
            return "";
        }
    }
}
