package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.storage.Follower;
import dev.coracle.apiserver.storage.Revision;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;

/**
 * Follows the store for the cache, and tells the strategies what stored objects hold: once for all
 * at start, and then of what other servers write to the same log.
 */
public final class StoredAllocations implements Follower {

    private final WatchCache cache;
    private final ResourceRegistry resources;

    public StoredAllocations(WatchCache cache, ResourceRegistry resources) {
        this.cache = cache;
        this.resources = resources;
    }

    /** Marks what the cache's objects hold; once, before the first write. */
    public void restore() {
        for (ResourceStrategy strategy : resources.all()) {
            if (strategy.allocates()) {
                cache.snapshot(strategy.definition().storageKey())
                        .objects()
                        .values()
                        .forEach(object -> strategy.follow(null, object.toObject()));
            }
        }
    }

    @Override
    public void accept(Revision entry) {
        cache.accept(entry);
    }

    @Override
    public void compacted(long revision) {
        cache.compacted(revision);
    }

    @Override
    public void foreign(Revision entry) {
        resources
                .findStored(entry.key().resource())
                .filter(ResourceStrategy::allocates)
                .ifPresent(strategy -> {
                    ApiObject object = ApiObject.parse(entry.json());
                    ApiObject old =
                            cache.find(entry.key().resource(), object.key())
                                    .map(CachedObject::toObject)
                                    .orElse(entry.deleted() ? object : null);
                    strategy.follow(old, entry.deleted() ? null : object);
                });
    }
}
