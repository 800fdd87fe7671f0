package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.storage.StoreException.Reason;
import dev.coracle.apiserver.storage.WriteOutcome.AlreadyExists;
import dev.coracle.apiserver.storage.WriteOutcome.Conflict;
import dev.coracle.apiserver.storage.WriteOutcome.NotFound;
import dev.coracle.apiserver.storage.WriteOutcome.TooLarge;
import dev.coracle.apiserver.storage.WriteOutcome.Written;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store on an append-only log with group commit: one writer thread takes what has queued up,
 * decides each write against the newest state, and appends the accepted ones in one transaction.
 *
 * <p>{@code newest}, {@code garbage}, {@code lastRevision} and {@code compacted} are confined to
 * the writer thread (and to {@link #start} before it exists).
 */
public final class LogStore implements Store {

    /** Writes per transaction; bounds the time the first of them waits for the last. */
    private static final int MAX_BATCH = 512;

    /** Entries removed at a time, so that writes do not wait for a compaction. */
    private static final int REMOVED_AT_ONCE = 500;

    private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);

    private final RevisionLog log;
    private final int maxHistory;
    private final BlockingQueue<Task> queue = new LinkedBlockingQueue<>();
    private final Map<ObjectKey, Long> newest = new HashMap<>();
    private final Garbage garbage = new Garbage();
    private long lastRevision;
    private long compacted;
    private boolean failing;
    private Follower follower = _ -> {};
    private volatile @Nullable Thread writer;

    /** A store that compacts only when it is told to. */
    public LogStore(RevisionLog log) {
        this(log, Integer.MAX_VALUE);
    }

    /**
     * A store that keeps at most {@code maxHistory} revisions, however young they are: when there
     * are more, the older half goes.
     */
    public LogStore(RevisionLog log, int maxHistory) {
        this.log = log;
        this.maxHistory = maxHistory;
    }

    /** What the writer is asked to do. */
    private sealed interface Task {

        record Submitted(Write write, CompletableFuture<WriteOutcome> answer) implements Task {}

        record Compact(long upTo) implements Task {}

        /** Somebody else may have written. */
        record CatchUp() implements Task {}

        record Close() implements Task {}
    }

    @Override
    public long start(Follower follower) {
        this.follower = follower;
        log.replay(
                new Follower() {
                    @Override
                    public void accept(Revision entry) {
                        publish(entry);
                    }

                    @Override
                    public void compacted(long revision) {
                        forget(revision);
                        lastRevision = revision;
                    }
                });
        writer = Thread.ofPlatform().name("store-writer").start(this::serve);
        log.onForeignWrite(() -> queue.add(new Task.CatchUp()));
        return lastRevision;
    }

    @Override
    public CompletableFuture<WriteOutcome> write(Write write) {
        CompletableFuture<WriteOutcome> answer = new CompletableFuture<>();
        queue.add(new Task.Submitted(write, answer));
        if (!isOpen()) {
            refuseQueued();
        }
        return answer;
    }

    @Override
    public void compact(long revision) {
        queue.add(new Task.Compact(revision));
    }

    @Override
    public boolean isOpen() {
        Thread thread = writer;
        return thread != null && thread.isAlive();
    }

    @Override
    public void close() {
        Thread thread = writer;
        if (thread == null) {
            log.close();
            return;
        }
        queue.add(new Task.Close());
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        List<Task> tasks = new ArrayList<>(MAX_BATCH);
        boolean open = true;
        while (open) {
            try {
                tasks.add(queue.take());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            queue.drainTo(tasks, MAX_BATCH - 1);
            open = perform(tasks);
            tasks.clear();
        }
        log.close();
        refuseQueued();
    }

    /** Returns whether the store stays open. */
    private boolean perform(List<Task> tasks) {
        List<Task.Submitted> batch = new ArrayList<>(tasks.size());
        boolean behind = false;
        boolean open = true;
        long compactTo = 0;
        for (Task task : tasks) {
            switch (task) {
                case Task.Submitted submitted -> batch.add(submitted);
                case Task.Compact compact -> compactTo = Math.max(compactTo, compact.upTo());
                case Task.CatchUp _ -> behind = true;
                case Task.Close _ -> open = false;
            }
        }
        if (!batch.isEmpty()) {
            commit(batch);
        } else if (behind) {
            catchUp();
        }
        if (lastRevision - compacted > maxHistory) {
            compactTo = Math.max(compactTo, lastRevision - maxHistory / 2);
        }
        if (compactTo > 0) {
            removeHistory(Math.min(compactTo, lastRevision));
        }
        return open;
    }

    private void refuseQueued() {
        StoreException closed = new StoreException(Reason.CLOSED, "the store is closed");
        for (Task task = queue.poll(); task != null; task = queue.poll()) {
            if (task instanceof Task.Submitted submitted) {
                submitted.answer().completeExceptionally(closed);
            }
        }
    }

    private void commit(List<Task.Submitted> batch) {
        Decisions decisions = new Decisions(batch.size());
        try (RevisionLog.Transaction turn = log.begin(lastRevision)) {
            turn.earlier().forEach(this::publishForeign);
            decisions.decide(batch);
            if (!decisions.accepted.isEmpty()) {
                turn.commit(decisions.accepted);
            }
        } catch (RuntimeException e) {
            StoreException refusal = StoreException.of("cannot write the log", e);
            complain(refusal, batch.size());
            batch.forEach(submitted -> submitted.answer().completeExceptionally(refusal));
            return;
        }
        if (failing) {
            failing = false;
            LOG.info("the log takes writes again");
        }
        decisions.accepted.forEach(this::publish);
        decisions.answers.forEach(Runnable::run);
    }

    private void catchUp() {
        try {
            log.after(lastRevision).forEach(this::publishForeign);
        } catch (RuntimeException e) {
            complain(StoreException.of("cannot read the log", e), 0);
        }
    }

    /** Says it once, not for every write until it is over. */
    private void complain(StoreException refusal, int writes) {
        if (!failing) {
            LOG.error("{} writes refused: {}", writes, refusal.getMessage(), refusal);
        }
        failing = true;
    }

    /** What becomes of the writes of one transaction. */
    private final class Decisions {

        private final List<Revision> accepted;
        private final List<Runnable> answers;
        private final Map<ObjectKey, Long> staged = new HashMap<>();

        Decisions(int writes) {
            accepted = new ArrayList<>(writes);
            answers = new ArrayList<>(writes);
        }

        void decide(List<Task.Submitted> batch) {
            long next = lastRevision;
            for (Task.Submitted submitted : batch) {
                Write write = submitted.write();
                CompletableFuture<WriteOutcome> answer = submitted.answer();
                WriteOutcome refusal = refusal(write);
                if (refusal != null) {
                    answers.add(() -> answer.complete(refusal));
                    continue;
                }
                try {
                    byte[] json = write.encoder().encode(next + 1);
                    if (json.length > RevisionLog.MAX_OBJECT_BYTES) {
                        answers.add(() -> answer.complete(new TooLarge(json.length)));
                        continue;
                    }
                    boolean deleted = write instanceof Write.Delete;
                    Revision revision = new Revision(++next, write.key(), deleted, json);
                    accepted.add(revision);
                    staged.put(write.key(), deleted ? 0 : next);
                    answers.add(() -> answer.complete(new Written(revision)));
                } catch (RuntimeException e) {
                    answers.add(() -> answer.completeExceptionally(e));
                }
            }
        }

        private @Nullable WriteOutcome refusal(Write write) {
            Long stored = staged.get(write.key());
            long present = stored != null ? stored : newest.getOrDefault(write.key(), 0L);
            return switch (write) {
                case Write.Create _ -> present == 0 ? null : new AlreadyExists();
                case Write.Update update -> refusal(present, update.expected());
                case Write.Delete delete -> refusal(present, delete.expected());
            };
        }

        private static @Nullable WriteOutcome refusal(long present, long expected) {
            if (present == 0) {
                return new NotFound();
            }
            return present == expected ? null : new Conflict(present);
        }
    }

    private void publish(Revision revision) {
        // at start, the state of compacted history comes after its revision
        lastRevision = Math.max(lastRevision, revision.number());
        Long previous =
                revision.deleted()
                        ? newest.remove(revision.key())
                        : newest.put(revision.key(), revision.number());
        if (previous != null) {
            garbage.superseded(previous, revision.number());
        }
        if (revision.deleted()) {
            garbage.deletion(revision.number());
        }
        follower.accept(revision);
    }

    private void publishForeign(Revision entry) {
        follower.foreign(entry);
        publish(entry);
    }

    private void forget(long upTo) {
        compacted = upTo;
        follower.compacted(upTo);
    }

    /** A step of a compaction; the next one queues up behind the writes that wait. */
    private void removeHistory(long upTo) {
        try {
            if (upTo > compacted) {
                log.compact(upTo);
                forget(upTo);
            }
            List<Long> dead = garbage.upTo(upTo, REMOVED_AT_ONCE);
            if (!dead.isEmpty()) {
                log.remove(dead);
                garbage.drop(dead.size());
                queue.add(new Task.Compact(upTo));
            }
        } catch (RuntimeException e) {
            LOG.warn("history up to {} is not compacted: {}", upTo, e.getMessage());
        }
    }
}
