package dev.coracle.nodeagent.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command whose output is kept, up to a length. */
final class CapturedCommand {

    private static final int LONGEST = 10 * 1024;

    private CapturedCommand() {}

    /**
     * Runs it to its end.
     *
     * @param name what messages call it
     * @throws IOException if it cannot be started or does not end in time
     */
    static ExecResult run(ProcessBuilder builder, String name, Duration timeout, boolean filtered)
            throws IOException {
        Process process = CallFilter.start(builder, filtered);
        process.getOutputStream().close();
        CompletableFuture<String> output = new CompletableFuture<>();
        Thread reader =
                Thread.ofPlatform()
                        .daemon()
                        .name("exec-output")
                        .start(() -> output.complete(read(process.getInputStream())));
        try {
            if (process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                boolean _ = reader.join(Duration.ofMillis(200));
                return new ExecResult(process.exitValue(), output.getNow(""));
            }
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IOException(
                    "command timed out: \""
                            + name
                            + "\" timed out after "
                            + timeout.toSeconds()
                            + "s");
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** All is read, so that the command can end, and the beginning is kept. */
    private static String read(InputStream in) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                kept.write(buffer, 0, Math.min(n, LONGEST - kept.size()));
            }
        } catch (IOException _) {
            // it was killed
        }
        return kept.toString(StandardCharsets.UTF_8);
    }
}
