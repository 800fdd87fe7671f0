package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One watch for each ConfigMap and Secret that a volume of a running pod shows, shared by the pods
 * that show it. Thread-safe.
 */
final class ObjectWatches {

    private final KubernetesClient client;
    private final Map<Key, Watched> watches = new HashMap<>();

    ObjectWatches(KubernetesClient client) {
        this.client = client;
    }

    PodApi.Following follow(Pod pod, Runnable changed) {
        Set<Key> keys = keys(pod);
        keys.forEach(key -> add(key, changed));
        return () -> keys.forEach(key -> remove(key, changed));
    }

    private synchronized void add(Key key, Runnable changed) {
        watches.computeIfAbsent(key, this::watch).listeners().add(changed);
    }

    private void remove(Key key, Runnable changed) {
        SharedIndexInformer<?> unused = null;
        synchronized (this) {
            Watched watched = watches.get(key);
            if (watched != null) {
                watched.listeners().remove(changed);
                if (watched.listeners().isEmpty()) {
                    watches.remove(key);
                    unused = watched.informer();
                }
            }
        }
        if (unused != null) {
            unused.close();
        }
    }

    private Watched watch(Key key) {
        List<Runnable> listeners = new CopyOnWriteArrayList<>();
        SharedIndexInformer<?> informer =
                switch (key.kind()) {
                    case CONFIG_MAP ->
                            client.configMaps()
                                    .inNamespace(key.namespace())
                                    .withName(key.name())
                                    .runnableInformer(0)
                                    .addEventHandler(new Heard<>(listeners));
                    case SECRET ->
                            client.secrets()
                                    .inNamespace(key.namespace())
                                    .withName(key.name())
                                    .runnableInformer(0)
                                    .addEventHandler(new Heard<>(listeners));
                };
        var _ = informer.start();
        return new Watched(informer, listeners);
    }

    static Set<Key> keys(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        Set<Key> keys = new HashSet<>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getConfigMap() != null) {
                keys.add(new Key(Kind.CONFIG_MAP, namespace, volume.getConfigMap().getName()));
            }
            if (volume.getSecret() != null) {
                keys.add(new Key(Kind.SECRET, namespace, volume.getSecret().getSecretName()));
            }
            List<VolumeProjection> sources =
                    volume.getProjected() == null
                            ? new ArrayList<>()
                            : volume.getProjected().getSources();
            for (VolumeProjection source : sources) {
                if (source.getConfigMap() != null) {
                    keys.add(new Key(Kind.CONFIG_MAP, namespace, source.getConfigMap().getName()));
                }
                if (source.getSecret() != null) {
                    keys.add(new Key(Kind.SECRET, namespace, source.getSecret().getName()));
                }
            }
        }
        return keys;
    }

    enum Kind {
        CONFIG_MAP,
        SECRET
    }

    record Key(Kind kind, String namespace, String name) {}

    private record Watched(SharedIndexInformer<?> informer, List<Runnable> listeners) {}

    /** Passes on that something changed after it was first seen. */
    private record Heard<T extends HasMetadata>(List<Runnable> listeners)
            implements ResourceEventHandler<T> {

        @Override
        public void onAdd(T object) {
            listeners.forEach(Runnable::run);
        }

        @Override
        public void onUpdate(T before, T object) {
            if (!Objects.equals(
                    before.getMetadata().getResourceVersion(),
                    object.getMetadata().getResourceVersion())) {
                listeners.forEach(Runnable::run);
            }
        }

        @Override
        public void onDelete(T object, boolean deletedFinalStateUnknown) {
            // what is shown stays as it is
        }
    }
}
