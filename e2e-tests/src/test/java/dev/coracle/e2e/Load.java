package dev.coracle.e2e;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests at a steady pace, each by a connection of its own, to addresses in turn, until it is
 * closed or has sent its number.
 */
final class Load implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int FEW = 4;

    private final List<InetSocketAddress> targets;
    private final String host;
    private final int most;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final Map<String, Integer> answers = new ConcurrentHashMap<>();
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
    private final ScheduledExecutorService threads;

    private Load(List<InetSocketAddress> targets, String host, int most, int atOnce) {
        this.targets = targets;
        this.host = host;
        this.most = most;
        this.threads = Executors.newScheduledThreadPool(atOnce);
    }

    /** Starts at most {@code most} requests, one per {@code pace}. */
    static Load start(List<InetSocketAddress> targets, int most, Duration pace) {
        return start(targets, most, pace, FEW, "load");
    }

    /** The same, as requests to {@code host}. */
    static Load start(List<InetSocketAddress> targets, int most, Duration pace, String host) {
        return start(targets, most, pace, FEW, host);
    }

    /** The same, with up to {@code atOnce} connections. */
    static Load start(List<InetSocketAddress> targets, int most, Duration pace, int atOnce) {
        return start(targets, most, pace, atOnce, "load");
    }

    private static Load start(
            List<InetSocketAddress> targets, int most, Duration pace, int atOnce, String host) {
        Load load = new Load(targets, host, most, atOnce);
        for (int i = 0; i < atOnce; i++) {
            var _ =
                    load.threads.scheduleAtFixedRate(
                            load::request,
                            pace.toNanos() * i,
                            pace.toNanos() * atOnce,
                            TimeUnit.NANOSECONDS);
        }
        return load;
    }

    /** Answered and failed requests so far. */
    int count() {
        return ended.get();
    }

    /** What failed so far, in order. */
    List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    /** For assertion messages. */
    String describe() {
        return "%d requests, %d failed, answered by %s"
                .formatted(count(), failures().size(), new TreeMap<>(answers));
    }

    /** Returns when {@code more} further requests have ended. */
    void await(int more) {
        awaitCount(count() + more);
    }

    /** Returns when that many requests have ended. */
    void awaitCount(int until) {
        Await.until(
                Duration.ofMinutes(2),
                () -> {
                    if (count() < until) {
                        throw new AssertionError(count() + " of " + until + " requests");
                    }
                });
    }

    private void request() {
        int number = sent.getAndIncrement();
        if (number >= most) {
            return;
        }
        InetSocketAddress target = targets.get(number % targets.size());
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(target, TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write(
                            ("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.1 200 ")) {
                throw new IOException("answer '" + answer + "'");
            }
            answers.merge(Http.pod(answer), 1, Integer::sum);
        } catch (IOException | AssertionError e) {
            failures.add("request " + number + " to " + target + ": " + e);
        } finally {
            ended.incrementAndGet();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(TIMEOUT_MILLIS * 3L, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("requests do not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
