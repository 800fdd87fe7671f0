package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.ExitStatus;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run left behind for its status.
 *
 * @param failure why its program was never started, or empty
 * @param outOfMemory whether the kernel ended one of its processes for want of memory
 * @param message what {@code state.terminated.message} says
 */
record Postmortem(String failure, boolean outOfMemory, @Nullable String message) {

    private static final int LONGEST = 4096;
    private static final int LONGEST_LOG = 2048;
    private static final int MOST_LINES = 80;

    /** Where a run leaves it, on the node. */
    record Traces(Path startError, Path message, Path log) {}

    /** The path in the container that it may write its message to. */
    static String messagePath(Container container) {
        String path = container.getTerminationMessagePath();
        return path == null || path.isEmpty() ? "/dev/termination-log" : path;
    }

    static Postmortem of(
            Container container, ExitStatus status, Traces files, boolean outOfMemory) {
        String failure = head(files.startError()).strip();
        String message = head(files.message());
        boolean fromLog =
                message.isEmpty()
                        && "FallbackToLogsOnError".equals(container.getTerminationMessagePolicy())
                        && !status.isSuccess();
        if (fromLog) {
            message = tail(lastLines(files.log()));
        }
        return new Postmortem(failure, outOfMemory, message.isEmpty() ? null : message);
    }

    /** The last lines, as many as a message holds. */
    static String tail(List<String> criLines) {
        StringBuilder text = new StringBuilder();
        int from = Math.max(0, criLines.size() - MOST_LINES);
        for (String line : criLines.subList(from, criLines.size())) {
            String[] parts = line.split(" ", 4);
            if (parts.length == 4) {
                text.append(parts[3]).append(parts[2].equals("F") ? "\n" : "");
            }
        }
        int over = text.length() - LONGEST_LOG;
        return over > 0 ? text.substring(over) : text.toString();
    }

    private static String head(Path file) {
        if (!Files.exists(file)) {
            return "";
        }
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    private static List<String> lastLines(Path log) {
        if (!Files.exists(log)) {
            return List.of();
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(0, file.length() - 16 * 1024);
            file.seek(from);
            byte[] bytes = new byte[(int) (file.length() - from)];
            file.readFully(bytes);
            List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return from == 0 || lines.isEmpty() ? lines : lines.subList(1, lines.size());
        } catch (IOException _) {
            return List.of();
        }
    }
}
