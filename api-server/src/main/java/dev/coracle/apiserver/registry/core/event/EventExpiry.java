package dev.coracle.apiserver.registry.core.event;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeleteOptions;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.node.ObjectNode;

/**
 * Deletes events that nobody has written for a while, as kube-apiserver does by {@code
 * --event-ttl}. Looks once a minute.
 */
public final class EventExpiry implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventExpiry.class);
    private static final int AT_ONCE = 64;

    private final WatchCache cache;
    private final Deletions deletions;
    private final Duration timeToLive;
    private final InstantSource clock;
    private final ResourceStrategy events = new EventStrategy();
    private Disposable timer = Disposables.disposed();

    /** Begins with {@link #start}; {@code timeToLive} is counted from an event's last write. */
    public EventExpiry(
            WatchCache cache, Registry registry, Duration timeToLive, InstantSource clock) {
        this.cache = cache;
        this.deletions = new Deletions(registry);
        this.timeToLive = timeToLive;
        this.clock = clock;
    }

    public void start() {
        timer =
                Flux.interval(Duration.ofMinutes(1), Schedulers.boundedElastic())
                        .onBackpressureDrop()
                        .concatMap(_ -> expire())
                        .subscribe();
    }

    @Override
    public void close() {
        timer.dispose();
    }

    /** Deletes what is too old now; completes with the number of them, never fails. */
    Mono<Long> expire() {
        Instant limit = clock.instant().minus(timeToLive);
        List<CachedObject> old =
                cache.snapshot(events.definition().storageKey()).objects().values().stream()
                        .filter(event -> lastWritten(event.toObject()).isBefore(limit))
                        .toList();
        return Flux.fromIterable(old)
                .flatMap(this::delete, AT_ONCE)
                .count()
                .timeout(Duration.ofMinutes(1))
                .onErrorResume(e -> {
                    LOG.warn("{} old events are not deleted yet: {}", old.size(), e.toString());
                    return Mono.just(0L);
                });
    }

    private Mono<Deletions.Deleted> delete(CachedObject event) {
        // one that was written meanwhile stays
        DeleteOptions options =
                new DeleteOptions(
                        null,
                        DeleteOptions.Propagation.BACKGROUND,
                        "",
                        Long.toString(event.revision()),
                        false);
        return deletions
                .delete(events, event.key(), options)
                .onErrorResume(
                        e ->
                                e instanceof ApiException api
                                        && (api.code() == 404 || api.code() == 409),
                        _ -> Mono.empty());
    }

    private static Instant lastWritten(ApiObject event) {
        Instant last = time(event.text("metadata.creationTimestamp"));
        for (ObjectNode write : Json.objects(event.at("metadata.managedFields"))) {
            Instant written = time(Json.text(write, "time"));
            last = written.isAfter(last) ? written : last;
        }
        return last;
    }

    private static Instant time(String text) {
        try {
            return text.isEmpty() ? Instant.MIN : Instant.parse(text);
        } catch (DateTimeParseException _) {
            return Instant.MIN;
        }
    }
}
