package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** Remembers what the node says, and has the objects a test gives it. */
final class FakePodApi implements PodApi {

    private final InstantSource clock;
    private final List<String> events = new ArrayList<>();
    private final Map<String, ConfigMap> configMaps = new HashMap<>();
    private PodStatus status = new PodStatus();
    private final Map<String, Secret> secrets = new HashMap<>();
    private final List<Runnable> followers = new ArrayList<>();
    private int tokens;
    private boolean removed;

    FakePodApi(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void add(ConfigMap map) {
        configMaps.put(map.getMetadata().getName(), map);
    }

    synchronized PodStatus status() {
        return status;
    }

    synchronized boolean isRemoved() {
        return removed;
    }

    synchronized List<String> events() {
        return List.copyOf(events);
    }

    /** The status, once it is as expected. */
    PodStatus await(Predicate<PodStatus> expected) {
        return Awaitility.await()
                .pollInterval(java.time.Duration.ofMillis(5))
                .until(this::status, expected);
    }

    @Override
    public synchronized void writeStatus(Pod pod, PodStatus written) {
        if (removed) {
            throw new IllegalStateException("status of a removed pod");
        }
        status = written;
    }

    @Override
    public synchronized void remove(Pod pod) {
        removed = true;
    }

    @Override
    public synchronized void event(Pod pod, EventType type, String reason, String message) {
        events.add(type.text() + " " + reason + ": " + message);
    }

    @Override
    public synchronized Optional<ConfigMap> configMap(String namespace, String name) {
        return Optional.ofNullable(configMaps.get(name));
    }

    synchronized void add(Secret secret) {
        secrets.put(secret.getMetadata().getName(), secret);
    }

    /** Replaces an object, and whoever follows it hears of it. */
    void change(ConfigMap map) {
        add(map);
        List<Runnable> told;
        synchronized (this) {
            told = List.copyOf(followers);
        }
        told.forEach(Runnable::run);
    }

    @Override
    public synchronized Optional<Secret> secret(String namespace, String name) {
        return Optional.ofNullable(secrets.get(name));
    }

    @Override
    public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public Optional<PersistentVolume> persistentVolume(String name) {
        return Optional.empty();
    }

    @Override
    public synchronized Token token(Pod pod, String audience, long expirationSeconds) {
        Instant now = clock.instant();
        return new Token("token-" + tokens++, now, now.plusSeconds(expirationSeconds));
    }

    @Override
    public synchronized Following follow(Pod pod, Runnable changed) {
        followers.add(changed);
        return () -> {
            synchronized (this) {
                followers.remove(changed);
            }
        };
    }
}
