package dev.coracle.dns.cluster;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the {@link Zone} as Services and EndpointSlices change, and answers from the newest.
 *
 * <p>One virtual thread translates; changes that come while it works make one more translation.
 */
public final class ZoneWatch implements Link, AutoCloseable {

    private final ZoneProperties properties;
    private final DnsName domain;
    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<EndpointSlice> slices;
    private final BlockingQueue<String> changes = new ArrayBlockingQueue<>(1);
    private final Thread translator;
    private volatile @Nullable Zone zone;
    private volatile int serviceCount;

    public ZoneWatch(KubernetesClient client, ZoneProperties properties) {
        this.properties = properties;
        this.domain = DnsName.of(properties.domain());
        this.services =
                client.services()
                        .inAnyNamespace()
                        .runnableInformer(0)
                        .exceptionHandler((_, _) -> true);
        this.slices =
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inAnyNamespace()
                        .runnableInformer(0)
                        .exceptionHandler((_, _) -> true);
        this.translator = Thread.ofVirtual().name("dns-zone").unstarted(this::translateChanges);
    }

    /** Starts watching; the zone is answered for when both first lists are complete. */
    public void start() {
        services.addEventHandler(new ChangeNote<>());
        slices.addEventHandler(new ChangeNote<>());
        translator.start();
        var _ = services.start().thenCombine(slices.start(), (_, _) -> changes.offer("synced"));
    }

    public boolean isReady() {
        return zone != null;
    }

    /** How many Services the zone has names for. */
    public int serviceCount() {
        return serviceCount;
    }

    @Override
    public Optional<Answer> answer(Question question) {
        Zone current = zone;
        if (current == null) {
            return question.name().isAtOrBelow(domain)
                    ? Optional.of(new Answer.Failed())
                    : Optional.empty();
        }
        return current.answer(question);
    }

    @Override
    public void close() {
        translator.interrupt();
        services.stop();
        slices.stop();
    }

    private void translateChanges() {
        try {
            for (long serial = 1; ; serial++) {
                String _ = changes.take();
                if (services.hasSynced() && slices.hasSynced()) {
                    var known = services.getIndexer().list();
                    zone =
                            ZoneTranslation.translate(
                                    properties, serial, known, slices.getIndexer().list());
                    serviceCount = known.size();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private final class ChangeNote<T extends HasMetadata> implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            boolean _ = changes.offer("added");
        }

        @Override
        public void onUpdate(T before, T after) {
            boolean _ = changes.offer("changed");
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            boolean _ = changes.offer("deleted");
        }
    }
}
