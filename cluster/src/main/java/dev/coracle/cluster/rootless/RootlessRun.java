package dev.coracle.cluster.rootless;

import dev.coracle.fabric.UserPorts;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A cluster inside a user namespace, seen from outside: starts it, relays to it, ends it.
 *
 * <p>The command inside is this one's, in a JVM with the same flags and a property that names the
 * relay's socket.
 */
public final class RootlessRun implements AutoCloseable {

    private static final String SOCKET = "coracle.rootless.socket";
    private static final String FIRST_PORT = "coracle.rootless.first-port";
    private static final String REASON = "coracle.rootless.reason";
    private static final int LONGEST_SOCKET_PATH = 100;
    private static final long PATIENCE_SECONDS = 60;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Path socket;
    private final int firstPort;
    private final String reason;
    private final PrintWriter err;
    private @Nullable Process process;

    private RootlessRun(Path socket, int firstPort, String reason, PrintWriter err) {
        this.socket = socket;
        this.firstPort = firstPort;
        this.reason = reason;
        this.err = err;
    }

    /**
     * One that is to be started.
     *
     * @param data the cluster's folder, which the socket is in if its path is not too long
     * @param reason why it is rootless
     * @param err is told of addresses that cannot be listened on
     */
    public static RootlessRun in(Path data, String reason, PrintWriter err) throws IOException {
        Path folder = data.resolve("relay");
        if (folder.toString().length() > LONGEST_SOCKET_PATH - 5) {
            folder = Files.createTempDirectory("coracle");
        }
        Files.createDirectories(folder);
        var _ = Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        return new RootlessRun(folder.resolve("s"), UserPorts.here().first(), reason, err);
    }

    /** Where this process is to open the relay's socket, if it is the one inside. */
    public static @Nullable Path socketInside() {
        String path = System.getProperty(SOCKET);
        return path == null ? null : Path.of(path);
    }

    /** The lowest port that the user may open outside, told to the process inside. */
    public static int firstPortOutside() {
        return Integer.getInteger(FIRST_PORT, 1024);
    }

    /** Why the process inside is there. */
    public static String reasonInside() {
        return System.getProperty(REASON, "");
    }

    /** Runs a command of this program inside and relays to it; returns its exit code. */
    public int run(List<String> arguments) throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        Process started =
                new ProcessBuilder(UserNamespace.running(java(arguments)))
                        .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        process = started;
        try (OutsideRelay relay =
                new OutsideRelay(socket, firstPort, line -> err.println("coracle: " + line))) {
            Thread _ = Thread.ofVirtual().name("relay").start(() -> follow(relay, started));
            return started.waitFor();
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private void follow(OutsideRelay relay, Process inside) {
        while (inside.isAlive()) {
            if (Files.exists(socket)) {
                try {
                    relay.follow();
                } catch (IOException _) {
                    // it has not begun, or it has ended
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private List<String> java(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(
                ProcessHandle.current()
                        .info()
                        .command()
                        .orElse(System.getProperty("java.home") + "/bin/java"));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-D" + SOCKET + "=" + socket);
        command.add("-D" + FIRST_PORT + "=" + firstPort);
        command.add("-D" + REASON + "=" + reason);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "dev.coracle.cluster.Main"));
        command.addAll(arguments);
        return command;
    }

    /** Ends the cluster as a signal would, and waits for it. Idempotent. */
    @Override
    public void close() throws IOException {
        Process running = process;
        if (running == null) {
            return;
        }
        // the end of its input is the sign
        running.getOutputStream().close();
        try {
            if (!running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
