package dev.coracle.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of a test's own, from the host's packages, in a temporary directory and on a
 * loopback port. Keeps its state over a kill but not over a power failure. Runs as the user {@code
 * postgres} when the test is root, which PostgreSQL refuses to be.
 */
public final class PostgresServer implements AutoCloseable {

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final long PATIENCE_SECONDS = 60;

    private final Path directory;
    private final int port;
    private int databases;

    private PostgresServer(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Makes an empty server and starts it. */
    public static PostgresServer create() {
        try {
            Path directory = Files.createTempDirectory("coracle-postgres");
            PostgresServer server = new PostgresServer(directory, freePort());
            if (isRoot()) {
                server.run(List.of("chown", "postgres", directory.toString()));
            }
            server.run(
                    server.asPostgres(
                            "initdb",
                            "--no-sync",
                            "--auth=trust",
                            "--username=coracle",
                            "--encoding=UTF8",
                            "--locale=C",
                            "--pgdata=" + server.data()));
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts it, again after {@link #stop}, and waits until it answers. */
    public void start() {
        run(
                asPostgres(
                        "pg_ctl",
                        "start",
                        "--wait",
                        "--pgdata=" + data(),
                        "--log=" + directory.resolve("log"),
                        "--options=-p %d -k %s -c listen_addresses=127.0.0.1 -c fsync=off"
                                .formatted(port, directory)));
    }

    /** Ends it as a crash does; what was committed stays. */
    public void stop() {
        run(asPostgres("pg_ctl", "stop", "--mode=immediate", "--pgdata=" + data()));
    }

    /** Makes an empty database. Returns its R2DBC URL. */
    public String newDatabase() {
        String name = "test" + databases++;
        run(
                asPostgres(
                        "createdb",
                        "--host=" + directory,
                        "--port=" + port,
                        "--username=coracle",
                        name));
        return "r2dbc:postgresql://coracle@127.0.0.1:" + port + "/" + name;
    }

    /** Ends it and removes what it wrote. */
    @Override
    public void close() {
        stop();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path data() {
        return directory.resolve("data");
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private List<String> asPostgres(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.add(program(program));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String program(String name) {
        if (!Files.isDirectory(DEBIAN)) {
            return name;
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.map(version -> version.resolve("bin").resolve(name))
                    .filter(Files::isExecutable)
                    .max(Comparator.naturalOrder())
                    .map(Path::toString)
                    .orElse(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(List<String> command) {
        try {
            Path output = Files.createTempFile("coracle-postgres", ".out");
            Process process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            String said = Files.readString(output);
            Files.delete(output);
            if (!ended || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", command) + ": " + said);
            }
        } catch (IOException e) {
            throw new AssertionError(
                    String.join(" ", command) + ": " + e.getMessage() + " (package postgresql?)",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
