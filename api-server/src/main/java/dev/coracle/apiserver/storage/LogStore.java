package dev.coracle.apiserver.storage;

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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store on an append-only log with group commit: one writer thread takes what has queued up,
 * decides each write against the newest state, and appends the accepted ones in one transaction.
 *
 * <p>{@code newest} and {@code lastRevision} are confined to the writer thread (and to {@link
 * #start} before it exists).
 */
public final class LogStore implements Store {

    /** Writes per transaction; bounds the time the first of them waits for the last. */
    private static final int MAX_BATCH = 512;

    private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);

    private final RevisionLog log;
    private final BlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final Map<ObjectKey, Long> newest = new HashMap<>();
    private long lastRevision;
    private Consumer<Revision> follower = revision -> {};
    private volatile @Nullable Thread writer;

    public LogStore(RevisionLog log) {
        this.log = log;
    }

    private record Pending(@Nullable Write write, CompletableFuture<WriteOutcome> answer) {}

    @Override
    public long start(Consumer<Revision> follower) {
        this.follower = follower;
        log.replay(this::publish);
        writer = Thread.ofPlatform().name("store-writer").start(this::serve);
        return lastRevision;
    }

    @Override
    public CompletableFuture<WriteOutcome> write(Write write) {
        CompletableFuture<WriteOutcome> answer = new CompletableFuture<>();
        queue.add(new Pending(write, answer));
        return answer;
    }

    @Override
    public boolean isOpen() {
        Thread thread = writer;
        return thread != null && thread.isAlive();
    }

    @Override
    public void close() {
        Thread thread = writer;
        if (thread != null) {
            queue.add(new Pending(null, new CompletableFuture<>()));
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void serve() {
        List<Pending> batch = new ArrayList<>(MAX_BATCH);
        boolean open = true;
        while (open) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            queue.drainTo(batch, MAX_BATCH - 1);
            open = batch.stream().allMatch(pending -> pending.write() != null);
            commit(batch);
            batch.clear();
        }
        log.close();
        StoreException closed = new StoreException("the store is closed");
        queue.forEach(pending -> pending.answer().completeExceptionally(closed));
    }

    private void commit(List<Pending> batch) {
        Map<ObjectKey, Long> staged = new HashMap<>();
        List<Revision> accepted = new ArrayList<>(batch.size());
        List<Runnable> answers = new ArrayList<>(batch.size());
        long next = lastRevision;
        for (Pending pending : batch) {
            Write write = pending.write();
            if (write == null) {
                continue;
            }
            WriteOutcome refusal = refusal(write, staged);
            if (refusal != null) {
                answers.add(() -> pending.answer().complete(refusal));
                continue;
            }
            try {
                boolean deleted = write instanceof Write.Delete;
                byte[] json = write.encoder().encode(next + 1);
                if (json.length > RevisionLog.MAX_OBJECT_BYTES) {
                    answers.add(() -> pending.answer().complete(new TooLarge(json.length)));
                    continue;
                }
                Revision revision = new Revision(++next, write.key(), deleted, json);
                accepted.add(revision);
                staged.put(write.key(), deleted ? 0 : next);
                answers.add(() -> pending.answer().complete(new Written(revision)));
            } catch (RuntimeException e) {
                answers.add(() -> pending.answer().completeExceptionally(e));
            }
        }
        try {
            if (!accepted.isEmpty()) {
                log.append(accepted);
            }
        } catch (RuntimeException e) {
            LOG.error("{} writes refused: {}", batch.size(), e.getMessage(), e);
            batch.forEach(pending -> pending.answer().completeExceptionally(e));
            return;
        }
        accepted.forEach(this::publish);
        answers.forEach(Runnable::run);
    }

    private @Nullable WriteOutcome refusal(Write write, Map<ObjectKey, Long> staged) {
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

    private void publish(Revision revision) {
        lastRevision = revision.number();
        if (revision.deleted()) {
            newest.remove(revision.key());
        } else {
            newest.put(revision.key(), revision.number());
        }
        follower.accept(revision);
    }
}
