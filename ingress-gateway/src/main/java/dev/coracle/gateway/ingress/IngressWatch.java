package dev.coracle.gateway.ingress;

import dev.coracle.gateway.route.RouteTable;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Keeps the {@link RouteTable} as the cluster changes. One virtual thread translates and swaps;
 * another writes status and events, so that the API server's slowness never delays a route.
 */
public final class IngressWatch implements Supplier<RouteTable>, AutoCloseable {

    private final SharedIndexInformer<Ingress> ingresses;
    private final SharedIndexInformer<IngressClass> classes;
    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<EndpointSlice> slices;
    private final IngressStatusWriter writer;
    private final BlockingQueue<String> changes = new ArrayBlockingQueue<>(1);
    private final Thread translator;
    private volatile RouteTable table = RouteTable.EMPTY;
    private volatile boolean ready;

    public IngressWatch(KubernetesClient client, InstantSource clock) {
        this.ingresses =
                client.network()
                        .v1()
                        .ingresses()
                        .inAnyNamespace()
                        .runnableInformer(0)
                        .exceptionHandler((_, _) -> true);
        this.classes =
                client.network()
                        .v1()
                        .ingressClasses()
                        .runnableInformer(0)
                        .exceptionHandler((_, _) -> true);
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
        this.writer = new IngressStatusWriter(client, clock);
        this.translator =
                Thread.ofVirtual().name("ingress-routes").unstarted(this::translateChanges);
    }

    public void start() {
        ingresses.addEventHandler(new ChangeNote<>());
        classes.addEventHandler(new ChangeNote<>());
        services.addEventHandler(new ChangeNote<>());
        slices.addEventHandler(new ChangeNote<>());
        translator.start();
        writer.start();
        var _ =
                CompletableFuture.allOf(
                                ingresses.start().toCompletableFuture(),
                                classes.start().toCompletableFuture(),
                                services.start().toCompletableFuture(),
                                slices.start().toCompletableFuture())
                        .thenRun(() -> changes.offer("synced"));
    }

    public boolean isReady() {
        return ready;
    }

    /** The newest table. */
    @Override
    public RouteTable get() {
        return table;
    }

    @Override
    public void close() {
        translator.interrupt();
        writer.close();
        List.of(ingresses, classes, services, slices).forEach(SharedIndexInformer::stop);
    }

    private void translateChanges() {
        try {
            while (true) {
                String _ = changes.take();
                if (!ingresses.hasSynced()
                        || !classes.hasSynced()
                        || !services.hasSynced()
                        || !slices.hasSynced()) {
                    continue;
                }
                List<Service> known = services.getIndexer().list();
                var translated =
                        IngressTranslation.translate(
                                ingresses.getIndexer().list(),
                                classes.getIndexer().list(),
                                new BackendEndpoints(known, slices.getIndexer().list()));
                table = translated.table();
                ready = true;
                writer.write(translated, known);
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
