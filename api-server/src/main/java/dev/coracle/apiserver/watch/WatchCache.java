package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.storage.Follower;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.pcollections.TreePMap;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/**
 * The current state of every resource, and enough history to resume a watch.
 *
 * <p>Thread-safe. The store's writer feeds it; one lock makes "state plus revision" and "history
 * plus registration" atomic, and is held for a few references at a time. Listeners run on the
 * writer's thread and must only enqueue.
 */
public final class WatchCache implements Follower {

    /** Changes kept for each resource; a watch from before them must list again. */
    static final int HISTORY = 8192;

    private static final Selection EVERYTHING =
            new Selection("", LabelSelector.parse(""), FieldSelector.parse("", Set.of()));

    private static final class ResourceState {
        final Function<ApiObject, Map<String, String>> fieldsOf;
        TreePMap<NamespacedName, CachedObject> objects = TreePMap.empty();
        final ArrayDeque<WatchEvent> history = new ArrayDeque<>();
        // revisions at or below this one may have left the history
        long forgotten;
        final ListenerIndex listeners = new ListenerIndex();

        ResourceState(Function<ApiObject, Map<String, String>> fieldsOf) {
            this.fieldsOf = fieldsOf;
        }
    }

    private final BiFunction<String, ApiObject, Map<String, String>> fieldsOf;
    private final Map<String, ResourceState> resources = new HashMap<>();
    private final Listeners<Long> bookmarks = new Listeners<>();
    private Disposable timer = Disposables.disposed();
    private long revision;
    // nothing is listed as it was before this
    private long compacted;
    // no resource's history reaches behind this
    private long forgotten;

    /** An empty cache; {@code fieldsOf} gives the selectable fields of an object of a resource. */
    public WatchCache(BiFunction<String, ApiObject, Map<String, String>> fieldsOf) {
        this.fieldsOf = fieldsOf;
    }

    @Override
    public void accept(Revision entry) {
        String resource = entry.key().resource();
        NamespacedName key = entry.key().name();
        synchronized (this) {
            ResourceState state = state(resource);
            CachedObject cached =
                    new CachedObject(key, entry.number(), entry.json(), state.fieldsOf);
            CachedObject previous = state.objects.get(key);
            WatchEvent event;
            if (entry.deleted()) {
                state.objects = state.objects.minus(key);
                event = new WatchEvent.Deleted(previous == null ? cached : previous, cached);
            } else {
                state.objects = state.objects.plus(key, cached);
                event =
                        previous == null
                                ? new WatchEvent.Added(cached)
                                : new WatchEvent.Modified(previous, cached);
            }
            revision = Math.max(revision, entry.number());
            if (entry.number() <= compacted) {
                return; // state of the start, and no event
            }
            state.history.addLast(event);
            if (state.history.size() > HISTORY) {
                state.forgotten = state.history.removeFirst().revision();
            }
            state.listeners.tell(event);
        }
    }

    /** How many objects there are of each resource. */
    public synchronized Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        resources.forEach((resource, state) -> counts.put(resource, state.objects.size()));
        return counts;
    }

    /** Reads the selectable fields of a resource's objects anew: which they are has changed. */
    public synchronized void refreshFields(String resource) {
        ResourceState state = state(resource);
        for (CachedObject cached : state.objects.values()) {
            CachedObject refreshed =
                    new CachedObject(
                            cached.key(), cached.revision(), cached.json(), state.fieldsOf);
            state.objects = state.objects.plus(cached.key(), refreshed);
        }
    }

    /** The newest revision of the store. */
    public synchronized long revision() {
        return revision;
    }

    /**
     * Runs {@code action} with the newest revision while no change can come between; it must be
     * quick.
     */
    synchronized void atRevision(LongConsumer action) {
        action.accept(revision);
    }

    public synchronized Snapshot snapshot(String resource) {
        return new Snapshot(revision, state(resource).objects);
    }

    /** All objects of all resources at one moment, as entries in the order of their revisions. */
    public Everything everything() {
        Map<String, TreePMap<NamespacedName, CachedObject>> objects = new TreeMap<>();
        long at;
        synchronized (this) {
            resources.forEach((resource, state) -> objects.put(resource, state.objects));
            at = revision;
        }
        List<Revision> entries = new ArrayList<>();
        objects.forEach((resource, present) ->
                present.values()
                        .forEach(object ->
                                entries.add(
                                        new Revision(
                                                object.revision(),
                                                new ObjectKey(resource, object.key()),
                                                false,
                                                object.json()))));
        entries.sort(Comparator.comparingLong(Revision::number));
        return new Everything(at, entries);
    }

    /** The state of the store at {@code revision}. */
    public record Everything(long revision, List<Revision> entries) {}

    /**
     * The objects of a resource as they were at an earlier revision.
     *
     * @return empty when the changes since are no longer kept, or have been compacted
     */
    public synchronized Optional<Snapshot> snapshotAt(String resource, long earlier) {
        ResourceState state = state(resource);
        if (earlier < Math.max(state.forgotten, compacted) || earlier > revision) {
            return Optional.empty();
        }
        TreePMap<NamespacedName, CachedObject> objects = state.objects;
        Iterator<WatchEvent> newestFirst = state.history.descendingIterator();
        while (newestFirst.hasNext()) {
            WatchEvent event = newestFirst.next();
            if (event.revision() <= earlier) {
                break;
            }
            objects =
                    switch (event) {
                        case WatchEvent.Added(CachedObject added) -> objects.minus(added.key());
                        case WatchEvent.Modified(CachedObject before, CachedObject _) ->
                                objects.plus(before.key(), before);
                        case WatchEvent.Deleted(CachedObject before, CachedObject _) ->
                                objects.plus(before.key(), before);
                    };
        }
        return Optional.of(new Snapshot(earlier, objects));
    }

    /**
     * From now on nothing is listed as it was before {@code earlier}, and no watch begins before a
     * change that is forgotten with it.
     */
    @Override
    public synchronized void compacted(long earlier) {
        if (revision == 0) {
            // at start: what was forgotten earlier, and of which resources, is not known
            forgotten = earlier;
            revision = earlier;
        }
        compacted = Math.max(compacted, earlier);
        for (ResourceState state : resources.values()) {
            while (!state.history.isEmpty() && state.history.getFirst().revision() <= earlier) {
                state.forgotten = state.history.removeFirst().revision();
            }
        }
    }

    public Optional<CachedObject> find(String resource, NamespacedName key) {
        return Optional.ofNullable(snapshot(resource).objects().get(key));
    }

    /**
     * Gives {@code listener} every change of {@code resource} after {@code from}, and then every
     * new one until the returned registration is closed. Runs the listener before it returns, for
     * the past.
     *
     * @return empty when changes after {@code from} are no longer kept
     */
    public Optional<Registration> listen(
            String resource, long from, Consumer<WatchEvent> listener) {
        return listen(resource, from, EVERYTHING, listener);
    }

    /**
     * The same for one that wants only what {@code selection} is about before or after the change;
     * it may hear of more.
     */
    synchronized Optional<Registration> listen(
            String resource, long from, Selection selection, Consumer<WatchEvent> listener) {
        ResourceState state = state(resource);
        if (from < Math.max(state.forgotten, forgotten)) {
            return Optional.empty();
        }
        for (WatchEvent event : state.history) {
            if (event.revision() > from) {
                listener.accept(event);
            }
        }
        Runnable end = state.listeners.add(selection, listener);
        return Optional.of(end::run);
    }

    /**
     * Runs {@code bookmark} with the newest revision once a minute until the registration is
     * closed: one timer for all, and no change comes between. It must only enqueue.
     */
    synchronized Registration everyMinute(Consumer<Long> bookmark) {
        if (bookmarks.isEmpty()) {
            timer.dispose();
            timer =
                    Schedulers.parallel()
                            .schedulePeriodically(this::mark, 60, 60, TimeUnit.SECONDS);
        }
        Runnable end = bookmarks.add(bookmark);
        return () -> {
            end.run();
            stopIdleTimer();
        };
    }

    /** Tells all of {@link #everyMinute} of the newest revision. */
    synchronized void mark() {
        bookmarks.tell(revision);
    }

    private synchronized void stopIdleTimer() {
        if (bookmarks.isEmpty()) {
            timer.dispose();
        }
    }

    /** How many listen to changes of {@code resource}. */
    synchronized int listeners(String resource) {
        return state(resource).listeners.size();
    }

    /** A listener's place; closing it twice is harmless. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private ResourceState state(String resource) {
        return resources.computeIfAbsent(
                resource, _ -> new ResourceState(object -> fieldsOf.apply(resource, object)));
    }
}
