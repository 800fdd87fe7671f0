package dev.coracle.controllers.workqueue;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A work queue and the virtual threads that reconcile what is on it. Thread-safe.
 *
 * <p>A failing key is logged once and queued again with back-off; a write that lost against another
 * writer (409) is repeated silently.
 */
public final class ControlLoop<K> implements Loop {

    private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

    private final String name;
    private final int workers;
    private final Reconciler<K> reconciler;
    private final WorkQueue<K> queue;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    public ControlLoop(String name, int workers, Reconciler<K> reconciler) {
        this.name = name;
        this.workers = workers;
        this.reconciler = reconciler;
        this.queue = new WorkQueue<>(Backoff.standard(), Ticker.system());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<QueueFigures> figures() {
        return List.of(queue.figures(name));
    }

    public void enqueue(K key) {
        queue.add(key);
    }

    public void enqueueAfter(K key, Duration delay) {
        queue.addAfter(key, delay);
    }

    /** Starts the workers; keys queued before wait for this. */
    @Override
    public void start() {
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofVirtual().name(name + "-" + i).start(this::work));
        }
    }

    /** Stops handing out keys and interrupts the workers. */
    @Override
    public void close() {
        closed = true;
        queue.close();
        threads.forEach(Thread::interrupt);
    }

    private void work() {
        try {
            for (Optional<K> key = queue.take(); key.isPresent(); key = queue.take()) {
                reconcile(key.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reconcile(K key) {
        try {
            reconciler.reconcile(key);
            queue.forget(key);
        } catch (RuntimeException e) {
            if (closed) {
                return;
            }
            if (isFutile(e)) {
                log.debug("controller={} key={} its namespace is going", name, key);
                queue.forget(key);
                return;
            }
            if (isConflict(e)) {
                log.debug("controller={} key={} lost against another writer", name, key);
            } else {
                log.warn("controller={} key={} will be retried: {}", name, key, e.toString());
                log.debug("controller={} key={}", name, key, e);
            }
            queue.retry(key);
        } finally {
            queue.done(key);
        }
    }

    /** Nothing can be made in a namespace that is being deleted; the objects left go with it. */
    private static boolean isFutile(RuntimeException e) {
        return e instanceof KubernetesClientException answer
                && answer.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                && String.valueOf(answer.getMessage())
                        .contains("unable to create new content in namespace");
    }

    private static boolean isConflict(RuntimeException e) {
        return e instanceof KubernetesClientException answer
                && answer.getCode() == HttpURLConnection.HTTP_CONFLICT;
    }
}
