package dev.coracle.apiserver.serviceaddress;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.Snapshot;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.apiserver.watch.WatchEvent;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an IPAddress for each ClusterIP, holds the addresses of IPAddresses that others made, and
 * brings ServiceCIDRs into use and out of it.
 *
 * <p>The watch cache's events drive it; one virtual thread does all the work and owns all state.
 * What fails is tried again after a second.
 */
public final class ServiceAddressObjects implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceAddressObjects.class);
    private static final long RETRY_SECONDS = 1;
    private static final String SERVICES = "services";

    private final WatchCache cache;
    private final ServiceStrategy services;
    private final ClusterIpAllocator pool;
    private final IpAddressObjects addresses;
    private final ServiceRanges ranges;
    private final LinkedBlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
    private final List<WatchCache.Registration> registrations = new ArrayList<>();
    // confined to the worker
    private final Map<String, NamespacedName> holders = new HashMap<>();
    private final Set<String> reserved = new HashSet<>();
    private final Set<String> due = new LinkedHashSet<>();
    private boolean rangesDue = true;
    private @Nullable Thread worker;
    private volatile boolean closed;

    public ServiceAddressObjects(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            ServiceStrategy services,
            ClusterIpAllocator pool,
            InstantSource clock) {
        this.cache = cache;
        this.services = services;
        this.pool = pool;
        addresses = new IpAddressObjects(cache, registry, resources);
        ranges = new ServiceRanges(cache, registry, resources, clock);
    }

    /** Brings the ranges into use, before it returns, and follows what changes. */
    public void start() {
        follow();
        worker = Thread.ofVirtual().name("service-addresses").start(this::work);
    }

    void follow() {
        pool.replaceRanges(ranges.inUse());
        for (String resource : List.of(SERVICES, IpAddressObjects.KEY, ServiceRanges.KEY)) {
            Snapshot stored = cache.snapshot(resource);
            stored.objects().values().forEach(object -> events.add(new WatchEvent.Added(object)));
            registrations.add(
                    cache.listen(resource, stored.revision(), events::add)
                            .orElseThrow(
                                    () -> new IllegalStateException("the history is too short")));
        }
    }

    @Override
    public void close() {
        closed = true;
        registrations.forEach(WatchCache.Registration::close);
        if (worker != null) {
            worker.interrupt();
        }
    }

    /** Gives back what a lost write may have kept; call it every few minutes. */
    public void repair() {
        List<ApiObject> stored = new ArrayList<>();
        cache.snapshot(SERVICES).objects().values().forEach(one -> stored.add(one.toObject()));
        services.repair(stored, addresses.names());
    }

    private void work() {
        try {
            while (!closed) {
                boolean behind = !due.isEmpty() || rangesDue;
                WatchEvent event =
                        behind ? events.poll(RETRY_SECONDS, TimeUnit.SECONDS) : events.take();
                if (event != null) {
                    note(event);
                }
                catchUp();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does what has become due. */
    void catchUp() {
        for (WatchEvent event = events.poll(); event != null; event = events.poll()) {
            note(event);
        }
        sync();
    }

    private void note(WatchEvent event) {
        CachedObject before =
                switch (event) {
                    case WatchEvent.Added _ -> null;
                    case WatchEvent.Modified(CachedObject old, CachedObject _) -> old;
                    case WatchEvent.Deleted(CachedObject old, CachedObject _) -> old;
                };
        CachedObject after = event instanceof WatchEvent.Deleted ? null : event.object();
        ApiObject object = event.object().toObject();
        switch (object.text("kind")) {
            case "Service" -> noteService(event.object().key(), ip(before), ip(after));
            case "IPAddress" -> noteAddress(object, after != null);
            default -> rangesDue = true;
        }
    }

    private void noteService(NamespacedName service, String before, String after) {
        if (!before.isEmpty() && !before.equals(after)) {
            holders.remove(before, service);
            due.add(before);
        }
        if (!after.isEmpty()) {
            holders.put(after, service);
            if (!before.equals(after)) {
                due.add(after);
            }
        }
    }

    private void noteAddress(ApiObject address, boolean exists) {
        String name = address.name();
        if (exists && !IpAddressObjects.isOurs(address) && !holders.containsKey(name)) {
            if (pool.take(name)) {
                reserved.add(name);
            }
        } else if (!exists && reserved.remove(name) && !holders.containsKey(name)) {
            pool.release(name);
        }
        due.add(name);
        rangesDue |= !exists;
    }

    private void sync() {
        for (String address : List.copyOf(due)) {
            if (tried("IPAddress", address, () -> addresses.sync(address, holders.get(address)))) {
                due.remove(address);
            }
        }
        if (rangesDue) {
            pool.replaceRanges(ranges.inUse());
            rangesDue = !tried("ServiceCIDR", "", ranges::sync);
        }
    }

    private boolean tried(String kind, String name, Runnable action) {
        try {
            action.run();
            return true;
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.warn("{} '{}' is tried again: {}", kind, name, e.toString());
            }
            return false;
        }
    }

    /** A Service's address, or empty. */
    private static String ip(@Nullable CachedObject service) {
        String address = service == null ? "" : service.fields().getOrDefault("spec.clusterIP", "");
        return address.equals("None") ? "" : address;
    }
}
