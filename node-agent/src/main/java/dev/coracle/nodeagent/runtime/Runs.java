package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A folder with the newest run of each container of one pod, as an earlier agent left it. */
record Runs(Path path) {

    /** Takes a run up again; {@code end} is done when its process has ended. */
    @FunctionalInterface
    interface Follower {
        RunningContainer follow(RunRecord record, RunFolder folder, CompletableFuture<?> end)
                throws IOException;
    }

    /** All that are written down, those that have ended too. */
    List<PodSandbox.Adopted> adopt(Follower follower) throws IOException {
        List<PodSandbox.Adopted> adopted = new ArrayList<>();
        if (!Files.isDirectory(path)) {
            return adopted;
        }
        try (Stream<Path> folders = Files.list(path)) {
            for (Path run : folders.sorted().toList()) {
                RunFolder folder = new RunFolder(run);
                Optional<RunRecord> record = RunRecord.read(folder.record());
                if (record.isPresent()) {
                    adopted.add(adopt(record.get(), folder, follower));
                }
            }
        }
        return adopted;
    }

    private static PodSandbox.Adopted adopt(RunRecord record, RunFolder folder, Follower follower)
            throws IOException {
        CompletableFuture<?> end =
                record.process()
                        .<CompletableFuture<?>>map(ProcessHandle::onExit)
                        .orElseGet(() -> CompletableFuture.completedFuture(null));
        return new PodSandbox.Adopted(
                record.name(),
                record.attempt(),
                record.imageId(),
                Instant.parse(record.startedAt()),
                follower.follow(record, folder, end),
                folder.endedAt());
    }
}
