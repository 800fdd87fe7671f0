package dev.coracle.fabric.island;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs the system's own tools: {@code ip}, {@code nft}, {@code unshare}. Blocks until they end. */
public final class Tool {

    private static final List<String> FOLDERS =
            List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin");
    private static final long TIMEOUT_SECONDS = 30;

    private Tool() {}

    /** Where a tool is installed. */
    public static Optional<Path> find(String name) {
        return FOLDERS.stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** As {@link #run(List, String)}, with nothing to read. */
    public static String run(String... command) throws IOException {
        return run(List.of(command), "");
    }

    /**
     * Runs {@code command} with {@code input} on its standard input and returns what it printed.
     *
     * @throws IOException if it does not exit with 0; the message names the command and what it
     *     said
     */
    public static String run(List<String> command, String input) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // it ended without reading: its exit code says why
        }
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(
                        "'"
                                + String.join(" ", command)
                                + "' did not end in "
                                + TIMEOUT_SECONDS
                                + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        "'"
                                + String.join(" ", command)
                                + "' exited with "
                                + process.exitValue()
                                + ": "
                                + output.strip());
            }
            return output;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while running '" + command.getFirst() + "'", e);
        }
    }

    /** Runs lines of {@code ip} subcommands in one process; stops at the first that fails. */
    public static void ipBatch(List<String> lines) throws IOException {
        if (!lines.isEmpty()) {
            String _ = run(List.of("ip", "-batch", "-"), String.join("\n", lines) + "\n");
        }
    }

    /** The same inside the network namespace {@code namespace}. */
    public static void ipBatch(String namespace, List<String> lines) throws IOException {
        if (!lines.isEmpty()) {
            String _ =
                    run(
                            List.of("ip", "-n", namespace, "-batch", "-"),
                            String.join("\n", lines) + "\n");
        }
    }

    /**
     * Deletes a link of the namespace one stands in, or of {@code namespace}, if it is there. The
     * kernel takes away the far end of a veth some time after its namespace is gone, so that a link
     * seen a moment ago may be missing now.
     */
    static void deleteLink(@Nullable String namespace, String link) throws IOException {
        List<String> in = namespace == null ? List.of("ip") : List.of("ip", "-n", namespace);
        List<String> delete = new ArrayList<>(in);
        delete.addAll(List.of("link", "del", link));
        try {
            String _ = run(delete, "");
        } catch (IOException e) {
            List<String> show = new ArrayList<>(in);
            show.addAll(List.of("-o", "link"));
            String links = run(show, "");
            if (links.contains(" " + link + "@") || links.contains(" " + link + ":")) {
                throw e;
            }
        }
    }
}
