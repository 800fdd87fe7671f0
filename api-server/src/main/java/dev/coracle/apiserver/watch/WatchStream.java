package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * One watch: the initial state if it is asked for, then changes and bookmarks in the order of their
 * revisions, until the timeout. Holds at most {@link #BUFFER} frames for a client that does not
 * read; then it ends with {@link WatchFrame.TooSlow}.
 */
public final class WatchStream {

    /** Frames beyond the initial state. */
    static final int BUFFER = 4096;

    private final WatchCache cache;
    private final String resource;
    private final Selection selection;
    private final Request request;

    public WatchStream(WatchCache cache, String resource, Selection selection, Request request) {
        this.cache = cache;
        this.resource = resource;
        this.selection = selection;
        this.request = request;
    }

    /**
     * What a watcher asks for.
     *
     * @param from the revision to start after; empty for the current state and what follows
     * @param sendInitialEvents end the initial state with a marked bookmark
     */
    public record Request(
            OptionalLong from, boolean bookmarks, boolean sendInitialEvents, Duration timeout) {}

    /**
     * Starts the watch; may be called once. Fails at once with {@link ApiException} Expired when
     * the past is gone.
     */
    public Flux<WatchFrame> open() {
        Snapshot initial = cache.snapshot(resource);
        boolean withState = request.from().isEmpty() || request.sendInitialEvents();
        Sinks.Many<WatchFrame> sink =
                Sinks.many().unicast().onBackpressureBuffer(new LinkedBlockingQueue<>(BUFFER));
        AtomicBoolean overflowed = new AtomicBoolean();
        Consumer<WatchFrame> emit =
                frame -> {
                    if (sink.tryEmitNext(frame) == Sinks.EmitResult.FAIL_OVERFLOW) {
                        overflowed.set(true);
                        sink.tryEmitComplete();
                    }
                };
        long from = withState ? initial.revision() : request.from().getAsLong();
        Optional<WatchCache.Registration> registration =
                cache.listen(
                        resource,
                        from,
                        selection,
                        event -> {
                            WatchEvent.Type type = event.typeFor(selection);
                            if (type != null) {
                                emit.accept(new WatchFrame.Change(type, event.objectAs(type)));
                            }
                        });
        if (registration.isEmpty()) {
            throw ApiException.expired(
                    "too old resource version: " + from + " (" + initial.revision() + ")");
        }
        Flux<WatchFrame> state = withState ? initialState(initial) : Flux.empty();
        // emitted while no change can come between, as the sink takes one frame at a time
        Runnable end =
                () ->
                        cache.atRevision(revision -> {
                            if (request.bookmarks()) {
                                emit.accept(new WatchFrame.Bookmark(revision, false));
                            }
                            sink.tryEmitComplete();
                        });
        Flux<WatchFrame> live = sink.asFlux();
        return state.concatWith(live)
                .concatWith(
                        Flux.defer(() ->
                                overflowed.get()
                                        ? Flux.just(new WatchFrame.TooSlow())
                                        : Flux.empty()))
                .transform(frames -> withTimers(frames, emit, end))
                .doFinally(_ -> registration.get().close());
    }

    private Flux<WatchFrame> initialState(Snapshot initial) {
        Flux<WatchFrame> objects =
                Flux.fromIterable(initial.objects().values())
                        .filter(object -> object.isIn(selection))
                        .map(object -> new WatchFrame.Change(WatchEvent.Type.ADDED, object));
        return request.sendInitialEvents()
                ? objects.concatWith(Mono.just(new WatchFrame.Bookmark(initial.revision(), true)))
                : objects;
    }

    /**
     * Runs the timers as long as the frames last; they emit through the sink, so they add nothing
     * here.
     */
    private Flux<WatchFrame> withTimers(
            Flux<WatchFrame> frames, Consumer<WatchFrame> emit, Runnable end) {
        return Flux.using(
                () ->
                        Disposables.composite(
                                Schedulers.parallel()
                                        .schedule(
                                                end,
                                                request.timeout().toMillis(),
                                                TimeUnit.MILLISECONDS),
                                request.bookmarks() ? bookmarks(emit) : Disposables.disposed()),
                _ -> frames,
                Disposable::dispose);
    }

    private Disposable bookmarks(Consumer<WatchFrame> emit) {
        WatchCache.Registration registration =
                cache.everyMinute(
                        revision -> emit.accept(new WatchFrame.Bookmark(revision, false)));
        return registration::close;
    }
}
