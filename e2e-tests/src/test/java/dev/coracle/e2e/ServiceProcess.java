package dev.coracle.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One service as a process of its own: {@code java -jar <service>/target/<service>.jar}. */
final class ServiceProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String name;
    private final Path log;
    private final Process process;

    private ServiceProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts {@code service}; its output is appended to {@code log}.
     *
     * @param properties settings, for instance {@code server.port=6443}
     */
    static ServiceProcess start(String service, Path log, String... properties) {
        return start(service, List.of("-jar", jar(service).toString()), log, properties);
    }

    /** The runnable jar of {@code service}. */
    static Path jar(String service) {
        Path jar = Cluster.ROOT.resolve(Path.of(service, "target", service + ".jar"));
        if (!Files.isReadable(jar)) {
            // not an assertion: waiting would not mend it
            throw new IllegalStateException(jar + " is not built");
        }
        return jar;
    }

    /** The {@code java} this test runs on. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** As the other, with options of the JVM that name the program. */
    static ServiceProcess start(String name, List<String> program, Path log, String... properties) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                java(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx256m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Djava.net.preferIPv4Stack=true"));
        command.addAll(program);
        for (String property : properties) {
            command.add("--" + property);
        }
        try {
            return new ServiceProcess(
                    name,
                    log,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start());
        } catch (IOException e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
        }
    }

    /** Fails, with what the process printed, if it has ended. */
    void assertRunning() {
        if (!process.isAlive()) {
            throw new AssertionError(
                    name + " ended with exit code " + process.exitValue() + ":\n" + output());
        }
    }

    /** The service it runs. */
    String name() {
        return name;
    }

    /** What it printed. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new AssertionError(log + ": " + e.getMessage(), e);
        }
    }

    /** {@code kill -9}; returns when the process has ended. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Asks it to end, as an operator does, and waits until it has. */
    @Override
    public void close() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(name + " did not end:\n" + output());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
