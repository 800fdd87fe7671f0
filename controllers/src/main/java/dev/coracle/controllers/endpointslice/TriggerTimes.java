package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.informer.NamespacedName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When what a Service's endpoints are made of has changed, for {@link #ANNOTATION}, by which
 * kube-proxy and CoreDNS tell how long they take. Thread-safe for different Services.
 */
final class TriggerTimes {

    static final String ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";

    private final Map<NamespacedName, Map<String, Instant>> known = new ConcurrentHashMap<>();

    /**
     * The earliest change since this was last asked for the Service: of a pod's readiness, or its
     * own creation. Empty if there was none.
     */
    Optional<Instant> since(NamespacedName key, Service service, Collection<Pod> pods) {
        Map<String, Instant> now = new HashMap<>();
        for (Pod pod : pods) {
            Instant changed = readinessChanged(pod);
            if (changed != null) {
                now.put(pod.getMetadata().getName(), changed);
            }
        }
        Map<String, Instant> before = known.put(key, now);
        Stream<Instant> own =
                before == null
                        ? Stream.ofNullable(parse(service.getMetadata().getCreationTimestamp()))
                        : Stream.empty();
        Map<String, Instant> old = before == null ? Map.of() : before;
        return Stream.concat(
                        own,
                        now.entrySet().stream()
                                .filter(pod -> !pod.getValue().equals(old.get(pod.getKey())))
                                .map(Map.Entry::getValue))
                .min(Instant::compareTo);
    }

    void forget(NamespacedName key) {
        known.remove(key);
    }

    private static @Nullable Instant readinessChanged(Pod pod) {
        if (pod.getStatus() == null || pod.getStatus().getConditions() == null) {
            return null;
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if ("Ready".equals(condition.getType())) {
                return parse(condition.getLastTransitionTime());
            }
        }
        return null;
    }

    private static @Nullable Instant parse(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException _) {
            return null;
        }
    }
}
