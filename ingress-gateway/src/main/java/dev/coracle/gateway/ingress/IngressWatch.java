package dev.coracle.gateway.ingress;

import dev.coracle.gateway.route.RouteTable;
import dev.coracle.gateway.tls.TlsTable;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Keeps the {@link RouteTable} and the {@link TlsTable} as the cluster changes. One virtual thread
 * translates and swaps; another writes status and events, so that the API server's slowness never
 * delays a route.
 */
public final class IngressWatch implements AutoCloseable {

    private static final String BY_SERVICE = "service";
    private static final String SERVICE_ACCOUNT_TOKEN = "kubernetes.io/service-account-token";

    private final SharedIndexInformer<Ingress> ingresses;
    private final SharedIndexInformer<IngressClass> classes;
    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<EndpointSlice> slices;
    private final SharedIndexInformer<Secret> secrets;
    private final TlsSecrets certificates;
    private final IngressStatusWriter writer;
    // the Services that make a difference: backends, and the gateway's own
    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private final Set<String> watchedSecrets = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<String> changes = new ArrayBlockingQueue<>(1);
    private final Thread translator;
    private volatile RouteTable routes = RouteTable.EMPTY;
    private volatile TlsTable tls = TlsTable.EMPTY;
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
        this.secrets =
                client.secrets()
                        .inAnyNamespace()
                        .withoutField("type", SERVICE_ACCOUNT_TOKEN)
                        .runnableInformer(0)
                        .exceptionHandler((_, _) -> true);
        this.certificates = new TlsSecrets(secrets.getStore()::getByKey, watchedSecrets::add);
        this.writer = new IngressStatusWriter(client, clock);
        this.translator =
                Thread.ofVirtual().name("ingress-routes").unstarted(this::translateChanges);
    }

    public void start() {
        slices.addIndexers(
                Map.of(
                        BY_SERVICE,
                        slice -> {
                            String key = BackendEndpoints.key(slice);
                            return key == null ? List.of() : List.of(key);
                        }));
        ingresses.addEventHandler(new ChangeNote<>(_ -> true));
        classes.addEventHandler(new ChangeNote<>(_ -> true));
        services.addEventHandler(
                new ChangeNote<>(service -> watched.contains(BackendEndpoints.key(service))));
        slices.addEventHandler(
                new ChangeNote<>(slice -> {
                    String key = BackendEndpoints.key(slice);
                    return key != null && watched.contains(key);
                }));
        secrets.addEventHandler(
                new ChangeNote<>(secret -> watchedSecrets.contains(BackendEndpoints.key(secret))));
        translator.start();
        writer.start();
        var _ =
                CompletableFuture.allOf(
                                ingresses.start().toCompletableFuture(),
                                classes.start().toCompletableFuture(),
                                services.start().toCompletableFuture(),
                                slices.start().toCompletableFuture(),
                                secrets.start().toCompletableFuture())
                        .thenRun(() -> changes.offer("synced"));
    }

    public boolean isReady() {
        return ready;
    }

    /** The newest table. */
    public RouteTable routes() {
        return routes;
    }

    /** The newest table. */
    public TlsTable tls() {
        return tls;
    }

    @Override
    public void close() {
        translator.interrupt();
        writer.close();
        List.of(ingresses, classes, services, slices, secrets).forEach(SharedIndexInformer::stop);
    }

    private void translateChanges() {
        try {
            while (true) {
                String _ = changes.take();
                if (!ingresses.hasSynced()
                        || !classes.hasSynced()
                        || !services.hasSynced()
                        || !slices.hasSynced()
                        || !secrets.hasSynced()) {
                    continue;
                }
                translate();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Services and Secrets are watched before they are read, so that no change is missed. */
    private void translate() {
        Set<String> asked = new HashSet<>(Set.of(IngressStatusWriter.SERVICE_KEY));
        watched.addAll(asked);
        var translated =
                IngressTranslation.translate(
                        ingresses.getIndexer().list(),
                        classes.getIndexer().list(),
                        new BackendEndpoints(
                                services.getStore()::getByKey,
                                key -> slices.getIndexer().byIndex(BY_SERVICE, key),
                                key -> {
                                    asked.add(key);
                                    watched.add(key);
                                }),
                        certificates);
        routes = translated.routes();
        tls = translated.tls();
        ready = true;
        writer.write(translated, services.getStore().getByKey(IngressStatusWriter.SERVICE_KEY));
        watched.retainAll(asked);
        watchedSecrets.retainAll(certificates.retainUsed());
    }

    /** Notes the changes that make a difference. */
    private final class ChangeNote<T extends HasMetadata> implements ResourceEventHandler<T> {
        private final Predicate<T> matters;

        ChangeNote(Predicate<T> matters) {
            this.matters = matters;
        }

        private void note(T object) {
            if (matters.test(object)) {
                boolean _ = changes.offer("changed");
            }
        }

        @Override
        public void onAdd(T object) {
            note(object);
        }

        @Override
        public void onUpdate(T before, T after) {
            note(after);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            note(object);
        }
    }
}
