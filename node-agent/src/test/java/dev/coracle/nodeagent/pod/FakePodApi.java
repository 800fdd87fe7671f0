package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** Remembers what the node says, and has the objects a test gives it. */
final class FakePodApi implements PodApi {

    private final List<String> events = new ArrayList<>();
    private final Map<String, ConfigMap> configMaps = new HashMap<>();
    private PodStatus status = new PodStatus();
    private boolean removed;

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

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return Optional.empty();
    }
}
