package dev.coracle.controllers.event;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events of one component; the same event about the same object is counted, not repeated,
 * and many alike become one, as {@link EventCorrelation} says.
 *
 * <p>Writes happen in order on one virtual thread; a failing write is dropped, and so is what comes
 * while a thousand wait. Thread-safe.
 */
public final class EventRecorder implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);
    private static final int REMEMBERED = 4096;
    private static final int WAITING = 1000;

    private final KubernetesClient client;
    private final String component;
    private final InstantSource clock;
    private final Semaphore room = new Semaphore(WAITING);
    private final EventCorrelation correlation = new EventCorrelation();
    private final ExecutorService writer =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("events").factory());
    private final Map<EventCorrelation.Series, Event> written =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(
                        Map.Entry<EventCorrelation.Series, Event> eldest) {
                    return size() > REMEMBERED;
                }
            };

    public EventRecorder(KubernetesClient client, String component, InstantSource clock) {
        this.client = client;
        this.component = component;
        this.clock = clock;
    }

    public void normal(HasMetadata about, String reason, String message) {
        record("Normal", about, reason, message);
    }

    public void warning(HasMetadata about, String reason, String message) {
        record("Warning", about, reason, message);
    }

    @Override
    public void close() {
        writer.shutdownNow();
    }

    private void record(String type, HasMetadata about, String reason, String message) {
        if (writer.isShutdown() || !room.tryAcquire()) {
            return;
        }
        writer.execute(() -> {
            try {
                write(type, about, reason, message);
            } catch (KubernetesClientException e) {
                log.debug("event {} about {} not written: {}", reason, about, e.toString());
            } finally {
                room.release();
            }
        });
    }

    private void write(String type, HasMetadata about, String reason, String message) {
        Optional<EventCorrelation.Series> series =
                correlation.admit(
                        about.getMetadata().getUid(), type, reason, message, clock.instant());
        if (series.isEmpty()) {
            return;
        }
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        Event known = written.get(series.get());
        written.put(
                series.get(),
                known == null
                        ? create(type, about, series.get(), now)
                        : count(known, series.get(), now));
    }

    private Event create(
            String type, HasMetadata about, EventCorrelation.Series series, String now) {
        @Nullable String own = about.getMetadata().getNamespace();
        String namespace = own == null ? "default" : own;
        Event event =
                new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withGenerateName(about.getMetadata().getName() + ".")
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withApiVersion(about.getApiVersion())
                        .withKind(about.getKind())
                        .withNamespace(own)
                        .withName(about.getMetadata().getName())
                        .withUid(series.uid())
                        .withResourceVersion(about.getMetadata().getResourceVersion())
                        .endInvolvedObject()
                        .withType(type)
                        .withReason(series.reason())
                        .withMessage(series.message())
                        .withNewSource()
                        .withComponent(component)
                        .endSource()
                        .withReportingComponent(component)
                        .withReportingInstance(component)
                        .withFirstTimestamp(now)
                        .withLastTimestamp(now)
                        .withCount(1)
                        .build();
        return client.v1().events().inNamespace(namespace).resource(event).create();
    }

    private Event count(Event known, EventCorrelation.Series series, String now) {
        Event counted =
                new EventBuilder(known)
                        .editMetadata()
                        .withResourceVersion(null)
                        .endMetadata()
                        .withMessage(series.message())
                        .withLastTimestamp(now)
                        .withCount(known.getCount() + 1)
                        .build();
        return client.v1().events().resource(counted).update();
    }
}
