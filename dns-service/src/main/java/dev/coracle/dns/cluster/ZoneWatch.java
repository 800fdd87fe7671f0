package dev.coracle.dns.cluster;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.cluster.ZoneProperties.PodRecords;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the {@link Zone} as Services and EndpointSlices change, and answers from it.
 *
 * <p>A change names the Service it is about; one virtual thread makes the zone say what that
 * Service is now. While the API server is away the zone stays as it was.
 */
public final class ZoneWatch implements Link, AutoCloseable {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String BY_SERVICE = "service";

    private final ZoneProperties properties;
    private final DnsName domain;
    private final ZoneWriter writer;
    private final Consumer<Collection<EndpointSlice>> programmed;
    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<EndpointSlice> slices;
    private final @Nullable SharedIndexInformer<Pod> pods;
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final LinkedBlockingQueue<Boolean> wake = new LinkedBlockingQueue<>(1);
    private final Thread translator;
    private volatile boolean ready;
    private volatile int serviceCount;

    /**
     * A watch that is not yet started.
     *
     * @param programmed hears of the slices whose records are in force now
     */
    public ZoneWatch(
            KubernetesClient client,
            ZoneProperties properties,
            Consumer<Collection<EndpointSlice>> programmed) {
        this.properties = properties;
        this.domain = properties.zone();
        this.writer = new ZoneWriter(properties);
        this.programmed = programmed;
        this.services =
                client.services()
                        .inAnyNamespace()
                        .runnableInformer(0)
                        .itemStore(CompactStore.services())
                        .exceptionHandler((_, _) -> true);
        this.slices =
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inAnyNamespace()
                        .runnableInformer(0)
                        .itemStore(CompactStore.slices())
                        .exceptionHandler((_, _) -> true);
        this.slices.addIndexers(
                Map.of(
                        BY_SERVICE,
                        slice -> {
                            String key = key(slice);
                            return key == null ? List.of() : List.of(key);
                        }));
        this.pods =
                properties.pods() == PodRecords.VERIFIED
                        ? client.pods()
                                .inAnyNamespace()
                                .runnableInformer(0)
                                .exceptionHandler((_, _) -> true)
                        : null;
        this.translator = Thread.ofVirtual().name("dns-zone").unstarted(this::translateChanges);
    }

    /** Starts watching; the zone is answered for when the first lists are complete. */
    public void start() {
        services.addEventHandler(new Changes<>(ZoneWatch::keyOf));
        slices.addEventHandler(new Changes<>(ZoneWatch::key));
        translator.start();
        var started = services.start().thenCombine(slices.start(), (_, _) -> true);
        if (pods != null) {
            pods.addEventHandler(new PodChanges());
            started = started.thenCombine(pods.start(), (_, _) -> true);
        }
        var _ = started.thenRun(() -> wake.offer(true));
    }

    public Zone zone() {
        return writer.zone();
    }

    public boolean isReady() {
        return ready;
    }

    /** How many Services the zone has names for. */
    public int serviceCount() {
        return serviceCount;
    }

    @Override
    public String why(Question question) {
        return !ready
                ? "the first list of Services is not complete"
                : new ZoneExplanation(
                                properties,
                                writer.zone(),
                                services.getStore()::getByKey,
                                key -> slices.getIndexer().byIndex(BY_SERVICE, key))
                        .why(question.name());
    }

    @Override
    public Optional<Answer> answer(Question question) {
        if (!ready) {
            return question.name().isAtOrBelow(domain)
                    ? Optional.of(new Answer.Failed())
                    : Optional.empty();
        }
        return writer.zone().answer(question);
    }

    @Override
    public void close() {
        translator.interrupt();
        services.stop();
        slices.stop();
        if (pods != null) {
            pods.stop();
        }
    }

    private void translateChanges() {
        try {
            while (true) {
                Boolean _ = wake.take();
                if (services.hasSynced()
                        && slices.hasSynced()
                        && (pods == null || pods.hasSynced())) {
                    translate();
                    serviceCount = writer.services();
                    ready = true;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void translate() {
        Set<String> due = new HashSet<>(changed);
        changed.removeAll(due);
        Collection<EndpointSlice> seen = new ArrayList<>();
        for (String key : due) {
            Service service = services.getStore().getByKey(key);
            List<EndpointSlice> own =
                    service == null ? List.of() : slices.getIndexer().byIndex(BY_SERVICE, key);
            int slash = key.indexOf('/');
            writer.set(key.substring(0, slash), key.substring(slash + 1), service, own);
            if (service != null && "None".equals(service.getSpec().getClusterIP())) {
                seen.addAll(own);
            }
        }
        if (ready) {
            programmed.accept(seen);
        }
    }

    private static String keyOf(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    private static @Nullable String key(EndpointSlice slice) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        String service = labels == null ? null : labels.get(SERVICE_NAME);
        return service == null ? null : slice.getMetadata().getNamespace() + "/" + service;
    }

    /** Names the Services that changes are about. */
    private final class Changes<T extends HasMetadata> implements ResourceEventHandler<T> {
        private final Function<T, @Nullable String> key;

        Changes(Function<T, @Nullable String> key) {
            this.key = key;
        }

        private void note(T object) {
            String name = key.apply(object);
            if (name != null) {
                changed.add(name);
                boolean _ = wake.offer(true);
            }
        }

        @Override
        public void onAdd(T object) {
            note(object);
        }

        @Override
        public void onUpdate(T before, T after) {
            note(before);
            note(after);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            note(object);
        }
    }

    /** Keeps the addresses of pods. */
    private final class PodChanges implements ResourceEventHandler<Pod> {
        private void each(Pod pod, boolean there) {
            boolean over =
                    "Succeeded".equals(pod.getStatus().getPhase())
                            || "Failed".equals(pod.getStatus().getPhase());
            String address = pod.getStatus().getPodIP();
            if (address != null) {
                Addresses.parse(address)
                        .ifPresent(ip -> {
                            if (there && !over) {
                                writer.pods().add(pod.getMetadata().getNamespace(), ip);
                            } else {
                                writer.pods().remove(pod.getMetadata().getNamespace(), ip);
                            }
                        });
            }
        }

        @Override
        public void onAdd(Pod pod) {
            each(pod, true);
        }

        @Override
        public void onUpdate(Pod before, Pod after) {
            each(before, false);
            each(after, true);
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            each(pod, false);
        }
    }
}
