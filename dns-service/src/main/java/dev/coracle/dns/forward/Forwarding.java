package dev.coracle.dns.forward;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.MalformedMessageException;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.RecordType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks resolvers: the first that is up, and the next one too when it fails or keeps silent for a
 * while; the first answer counts. One that failed twice is asked after the others until it answers
 * a health check. Without resolvers everything is refused at once. Thread-safe.
 */
public final class Forwarding implements Link, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Forwarding.class);
    private static final int MOST_AT_ONCE = 200;
    private static final long PATIENCE_MILLIS = 300;
    private static final long HEALTH_CHECK_MILLIS = 500;
    private static final Question HEALTH = new Question(DnsName.ROOT, RecordType.NS, Question.IN);

    private final List<Resolver> resolvers;
    private final Duration timeout;
    private final DnsMetrics metrics;
    private final Semaphore slots = new Semaphore(MOST_AT_ONCE);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Semaphore unhealthy = new Semaphore(0);

    /** {@code timeout} is for each resolver. */
    public Forwarding(
            List<InetSocketAddress> resolvers,
            Duration timeout,
            RandomGenerator random,
            DnsMetrics metrics) {
        this.resolvers =
                resolvers.stream().map(address -> new Resolver(address, timeout, random)).toList();
        this.timeout = timeout;
        this.metrics = metrics;
        if (!resolvers.isEmpty()) {
            Thread.ofVirtual().name("dns-health").start(this::checkHealth);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        unhealthy.release();
    }

    @Override
    public Optional<Answer> answer(Question question) {
        if (resolvers.isEmpty()) {
            return Optional.of(new Answer.Refused());
        }
        if (!slots.tryAcquire()) {
            return Optional.of(new Answer.Failed());
        }
        try {
            return Optional.of(race(question).orElse(new Answer.Failed()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.of(new Answer.Failed());
        } finally {
            slots.release();
        }
    }

    /** One after the other, those that are up first, not waiting long for any. */
    private Optional<Answer> race(Question question) throws InterruptedException {
        List<Resolver> order = new ArrayList<>(resolvers);
        order.sort((a, b) -> Boolean.compare(b.isUp(), a.isUp()));
        BlockingQueue<Optional<Answer>> said = new LinkedBlockingQueue<>();
        int asked = 0;
        int failed = 0;
        long end =
                System.nanoTime() + timeout.toNanos() + PATIENCE_MILLIS * 1_000_000 * order.size();
        while (failed < order.size() && System.nanoTime() < end) {
            if (asked < order.size() && asked == failed) {
                ask(order.get(asked++), question, said);
            }
            long wait =
                    asked < order.size()
                            ? PATIENCE_MILLIS
                            : TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            Optional<Answer> answer = said.poll(wait, TimeUnit.MILLISECONDS);
            if (answer == null) {
                if (asked < order.size()) {
                    ask(order.get(asked++), question, said);
                }
            } else if (answer.isPresent()) {
                return answer;
            } else {
                failed++;
            }
        }
        return Optional.empty();
    }

    private void ask(Resolver resolver, Question question, BlockingQueue<Optional<Answer>> said) {
        Thread.ofVirtual()
                .name("dns-forward")
                .start(() -> {
                    boolean _ = said.add(ask(resolver, question));
                });
    }

    /** Empty if this resolver does not help. */
    private Optional<Answer> ask(Resolver resolver, Question question) {
        metrics.forwarded(resolver.toString());
        try {
            return answer(question, resolver.ask(question));
        } catch (IOException | MalformedMessageException e) {
            log.debug("resolver={} name={}: {}", resolver, question.name(), e.toString());
            unhealthy.release();
            return Optional.empty();
        }
    }

    private static Optional<Answer> answer(Question question, Message response) {
        return switch (response.responseCode()) {
            case 0 -> {
                boolean found =
                        response.answers().stream()
                                .anyMatch(r ->
                                        r.data().type() == question.type()
                                                || question.type() == RecordType.ANY);
                yield Optional.of(
                        found
                                ? new Answer.Records(response.answers(), List.of(), false)
                                : new Answer.NoData(response.answers(), response.authorities()));
            }
            case 3 -> Optional.of(new Answer.NxDomain(response.answers(), response.authorities()));
            default -> Optional.empty();
        };
    }

    /** Asks those that are down, twice a second, until they answer. */
    private void checkHealth() {
        try {
            while (true) {
                unhealthy.acquire();
                int _ = unhealthy.drainPermits();
                while (resolvers.stream().anyMatch(resolver -> !resolver.isUp())) {
                    if (closed.await(HEALTH_CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    resolvers.stream()
                            .filter(resolver -> !resolver.isUp())
                            .forEach(this::checkHealth);
                }
                if (closed.getCount() == 0) {
                    return;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkHealth(Resolver resolver) {
        try {
            Message _ = resolver.ask(HEALTH);
            log.info("resolver={} answers again", resolver);
        } catch (IOException | MalformedMessageException e) {
            metrics.healthCheckFailed(resolver.toString());
            log.debug("resolver={} health check: {}", resolver, e.toString());
        }
    }

    @Override
    public String why(Question question) {
        return resolvers.isEmpty()
                ? "no resolvers: refused"
                : "asked of "
                        + resolvers.stream()
                                .map(r -> r + (r.isUp() ? "" : " (down)"))
                                .collect(Collectors.joining(", "));
    }
}
