package dev.coracle.fabric.island;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Named network namespaces: made, found and removed together with the processes in them. */
public final class Namespaces {

    private static final Path FOLDER = Path.of("/run/netns");
    private static final long KILL_SECONDS = 5;

    private Namespaces() {}

    public static boolean exists(String name) {
        return Files.exists(FOLDER.resolve(name));
    }

    public static void add(String name) throws IOException {
        Tool.ipBatch(List.of("netns add " + name));
    }

    /** The names that start with {@code prefix}, sorted. */
    public static List<String> startingWith(String prefix) throws IOException {
        if (!Files.isDirectory(FOLDER)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    public static void removeStartingWith(String prefix) throws IOException {
        remove(startingWith(prefix));
    }

    /** Kills every process inside and removes the namespaces; those that do not exist are left. */
    public static void remove(List<String> names) throws IOException {
        List<String> existing = names.stream().filter(Namespaces::exists).toList();
        if (existing.isEmpty()) {
            return;
        }
        List<ProcessHandle> dying = new ArrayList<>();
        for (String name : existing) {
            for (ProcessHandle process : processes(name)) {
                process.destroyForcibly();
                dying.add(process);
            }
        }
        for (ProcessHandle process : dying) {
            await(process);
        }
        Tool.ipBatch(existing.stream().map(name -> "netns del " + name).toList());
    }

    /** Gives up a name; what is in the namespace goes on. */
    static void release(String name) throws IOException {
        Tool.ipBatch(List.of("netns del " + name));
    }

    private static List<ProcessHandle> processes(String name) throws IOException {
        long self = ProcessHandle.current().pid();
        return Tool.run("ip", "netns", "pids", name)
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("\\d+"))
                .map(Long::parseLong)
                .filter(pid -> pid != self)
                .map(ProcessHandle::of)
                .flatMap(Optional::stream)
                .toList();
    }

    private static void await(ProcessHandle process) throws IOException {
        try {
            var _ = process.onExit().get(KILL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a process ended", e);
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException e) {
            throw new IOException("process " + process.pid() + " does not end", e);
        }
    }
}
