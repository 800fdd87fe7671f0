package dev.coracle.nodeagent.node;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events in the background; the same one again only raises its count. Thread-safe. Events
 * are dropped when a thousand wait, or when the API server refuses them.
 */
public final class EventRecorder implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);
    private static final int CAPACITY = 1000;

    private final KubernetesClient client;
    private final String node;
    private final InstantSource clock;
    private final LinkedBlockingQueue<Noted> queue = new LinkedBlockingQueue<>(CAPACITY);
    private final AtomicLong number = new AtomicLong();
    private final Thread thread;

    public EventRecorder(KubernetesClient client, String node, InstantSource clock) {
        this.client = client;
        this.node = node;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("events-" + node).start(this::loop);
    }

    /** Notes that something happened to {@code about}. Never blocks. */
    public void record(ObjectReference about, String type, String reason, String message) {
        if (!queue.offer(new Noted(about, type, reason, message))) {
            log.debug("event '{}' about '{}' is dropped", reason, about.getName());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void loop() {
        Map<Noted, Event> sent =
                new LinkedHashMap<>() {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Noted, Event> eldest) {
                        return size() > CAPACITY;
                    }
                };
        try {
            while (true) {
                Noted next = queue.take();
                try {
                    sent.put(next, write(next, sent));
                } catch (KubernetesClientException e) {
                    log.debug("event '{}' is not written: {}", next.reason(), e.getMessage());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Event write(Noted next, Map<Noted, Event> sent) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        Event before = sent.get(next);
        if (before != null) {
            int count = before.getCount() + 1;
            Object _ =
                    client.v1()
                            .events()
                            .inNamespace(before.getMetadata().getNamespace())
                            .withName(before.getMetadata().getName())
                            .patch(
                                    PatchContext.of(PatchType.JSON_MERGE),
                                    Serialization.asJson(
                                            Map.of("count", count, "lastTimestamp", now)));
            return new EventBuilder(before).withCount(count).withLastTimestamp(now).build();
        }
        Instant instant = clock.instant();
        long unique = instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
        String namespace = Objects.requireNonNullElse(next.about().getNamespace(), "default");
        Event event =
                new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(
                                next.about().getName()
                                        + "."
                                        + Long.toHexString(unique + number.incrementAndGet()))
                        .endMetadata()
                        .withInvolvedObject(next.about())
                        .withType(next.type())
                        .withReason(next.reason())
                        .withMessage(next.message())
                        .withNewSource()
                        .withComponent("kubelet")
                        .withHost(node)
                        .endSource()
                        .withReportingComponent("kubelet")
                        .withReportingInstance(node)
                        .withFirstTimestamp(now)
                        .withLastTimestamp(now)
                        .withCount(1)
                        .build();
        Event _ = client.v1().events().inNamespace(namespace).resource(event).create();
        return event;
    }

    private record Noted(ObjectReference about, String type, String reason, String message) {}
}
