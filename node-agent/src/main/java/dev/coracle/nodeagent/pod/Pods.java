package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.server.NodePods;
import dev.coracle.nodeagent.stats.PodAccount;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The pods of this node, one worker each. Thread-safe; fed by an informer. */
public final class Pods implements ResourceEventHandler<Pod>, NodePods, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final PodHost host;
    private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
    private final Map<String, Thread> threads = new ConcurrentHashMap<>();
    private final NodeFit fit;
    private volatile boolean closed;

    public Pods(PodHost host) {
        this.host = host;
        this.fit = new NodeFit(host.node());
    }

    /** What each pod uses. */
    public List<PodAccount> accounts() {
        return workers.values().stream().map(PodWorker::account).toList();
    }

    /** Ends a pod because the node needs what it uses. */
    public void evict(String uid, String message) {
        PodWorker worker = workers.get(uid);
        if (worker != null) {
            worker.signal(new PodSignal.Evict(message));
        }
    }

    /** Why pods that have written more than they may are to be ended, by uid. */
    public Map<String, String> beyondStorage() {
        Map<String, String> found = new HashMap<>();
        for (NodePod view : list()) {
            String uid = view.pod().getMetadata().getUid();
            Path volumes = host.folder().resolve("pods").resolve(uid).resolve("volumes");
            new LocalStorage(view.pod(), volumes, view.logs(), view.running())
                    .excess()
                    .ifPresent(why -> found.put(uid, why));
        }
        return found;
    }

    /** How many pods have a worker. */
    public int size() {
        return workers.size();
    }

    @Override
    public List<NodePod> list() {
        return workers.values().stream().map(PodWorker::view).filter(Objects::nonNull).toList();
    }

    @Override
    public void onAdd(Pod pod) {
        update(pod);
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
        if (!Objects.equals(before.getMetadata().getUid(), pod.getMetadata().getUid())) {
            onDelete(before, false);
        }
        update(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean deletedFinalStateUnknown) {
        PodWorker worker = workers.get(pod.getMetadata().getUid());
        if (worker != null) {
            worker.signal(new PodSignal.Deleted());
        }
    }

    /**
     * Ends what an earlier agent left of pods that are no more.
     *
     * @param known all pods of the node
     */
    public void discardOthers(List<Pod> known) {
        Set<String> uids = new HashSet<>(workers.keySet());
        known.forEach(pod -> uids.add(pod.getMetadata().getUid()));
        Dwelling.discardAllBut(uids, host);
    }

    /** Ends every pod's processes, in parallel, and leaves the objects. */
    @Override
    public void close() {
        closed = true;
        workers.values().forEach(worker -> worker.signal(new PodSignal.Stop()));
        for (Thread thread : List.copyOf(threads.values())) {
            try {
                if (!thread.join(PATIENCE)) {
                    // it waits for an API server that does not answer
                    thread.interrupt();
                    boolean _ = thread.join(PATIENCE);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void update(Pod pod) {
        if (closed) {
            return;
        }
        String uid = pod.getMetadata().getUid();
        PodWorker known = workers.get(uid);
        if (known != null) {
            known.signal(new PodSignal.Changed(pod));
            return;
        }
        String phase = pod.getStatus() == null ? "" : pod.getStatus().getPhase();
        boolean over = "Succeeded".equals(phase) || "Failed".equals(phase);
        if (over && pod.getMetadata().getDeletionTimestamp() == null) {
            return;
        }
        PodWorker worker = new PodWorker(pod, host, fit, this::ended);
        workers.put(uid, worker);
        threads.put(uid, worker.start());
    }

    private void ended(PodWorker worker) {
        workers.remove(worker.uid());
        threads.remove(worker.uid());
    }
}
