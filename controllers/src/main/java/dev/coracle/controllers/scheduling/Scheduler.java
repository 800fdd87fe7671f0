package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.Loop;
import dev.coracle.controllers.workqueue.QueueFigures;
import dev.coracle.controllers.workqueue.Ticker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds pods that name {@code default-scheduler} and have no node. One thread decides, pod after
 * pod; the pod counts on its node from then on, while the binding is under way.
 *
 * <p>Pods that fit nowhere wait until something happens that can help.
 */
public final class Scheduler implements Loop {

    static final String NAME = "default-scheduler";

    private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
    private static final int WRITES_UNDER_WAY = 16;

    private final ClusterInformers informers;
    private final PodWrites writes;
    private final ClaimedVolumes claims;
    private final SchedulerCache cache = new SchedulerCache();
    private final SchedulingQueue queue = new SchedulingQueue(Ticker.system());
    private final Attempts attempts = new Attempts(Ticker.system());
    private final Sampling sampling = new Sampling();
    private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore free = new Semaphore(WRITES_UNDER_WAY);
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    public Scheduler(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.informers = informers;
        this.writes = new PodWrites(client, events, clock);
        this.claims = new ClaimedVolumes(informers);
        informers.namespaces.onChange(
                (before, after) -> cache.namespaceChanged(name(before, after), after));
        informers.nodes.onChange(this::nodeChanged);
        informers.pods.onChange(this::podChanged);
        informers.persistentVolumeClaims.onAnyChange(_ -> queue.happened(Happening.CLAIM_CHANGED));
    }

    @Override
    public String name() {
        return "scheduler";
    }

    /** None: its queue is another; see {@link #ownFigures}. */
    @Override
    public List<QueueFigures> figures() {
        return List.of();
    }

    /** Where pods wait, and how tries went. */
    public SchedulerFigures ownFigures() {
        Map<String, Integer> pending = new HashMap<>(queue.sizes());
        pending.put(
                "gated", (int) informers.pods.list().stream().filter(Scheduler::isGated).count());
        return attempts.figures(pending);
    }

    @Override
    public void start() {
        thread = Thread.ofVirtual().name("scheduler").start(this::work);
    }

    @Override
    public void close() {
        closed = true;
        queue.close();
        writers.shutdownNow();
        Thread started = thread;
        if (started != null) {
            started.interrupt();
        }
    }

    private static String name(@Nullable HasMetadata before, @Nullable HasMetadata after) {
        return Objects.requireNonNull(after == null ? before : after).getMetadata().getName();
    }

    private void podChanged(@Nullable Pod before, @Nullable Pod after) {
        if (before != null
                && (after == null
                        || !before.getMetadata().getUid().equals(after.getMetadata().getUid()))) {
            gone(before);
        }
        if (after == null) {
            return;
        }
        if (Pods.isFinished(after)) {
            gone(after);
        } else if (hasNode(after)) {
            cache.seen(after);
            queue.remove(after.getMetadata().getUid());
            boolean arrived = before == null || !hasNode(before);
            boolean renamed =
                    before != null && !Selectors.labels(before).equals(Selectors.labels(after));
            if (arrived || renamed) {
                queue.happened(Happening.POD_ARRIVED);
            }
            if (renamed || (before != null && !before.getSpec().equals(after.getSpec()))) {
                queue.happened(Happening.POD_LEFT);
            }
        } else if (isPending(after)) {
            cache.pending(after);
            if (before == null
                    || !isPending(before)
                    || !Objects.equals(before.getSpec(), after.getSpec())
                    || !Selectors.labels(before).equals(Selectors.labels(after))) {
                queue.add(candidate(after));
            }
        } else {
            gone(after);
        }
    }

    private void gone(Pod pod) {
        String uid = pod.getMetadata().getUid();
        queue.remove(uid);
        cache.gone(uid);
        if (hasNode(pod) || nominated(pod) != null) {
            queue.happened(Happening.POD_LEFT);
        }
    }

    private static SchedulingQueue.Candidate candidate(Pod pod) {
        return new SchedulingQueue.Candidate(
                pod.getMetadata().getUid(), NamespacedName.of(pod), Preemption.priority(pod));
    }

    private void nodeChanged(@Nullable Node before, @Nullable Node after) {
        cache.nodeChanged(name(before, after), after);
        if (before == null
                || after == null
                || !Objects.equals(before.getSpec(), after.getSpec())
                || !Objects.equals(
                        before.getMetadata().getLabels(), after.getMetadata().getLabels())
                || !NodeFacts.allocatable(before).equals(NodeFacts.allocatable(after))) {
            queue.happened(Happening.NODE_CHANGED);
        }
    }

    private void work() {
        try {
            for (Optional<SchedulingQueue.Candidate> next = queue.take();
                    next.isPresent();
                    next = queue.take()) {
                attempt(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attempt(SchedulingQueue.Candidate candidate) throws InterruptedException {
        attempts.begun(candidate.uid(), queue.tries(candidate.uid()));
        try {
            Optional<Pod> pod =
                    informers
                            .pods
                            .find(candidate.name())
                            .filter(found -> found.getMetadata().getUid().equals(candidate.uid()))
                            .filter(Scheduler::isPending);
            if (pod.isEmpty() || cache.isPlaced(candidate.uid())) {
                attempts.dropped(candidate.uid());
                queue.remove(candidate.uid());
                return;
            }
            decide(pod.get());
        } catch (RuntimeException e) {
            failed(candidate.uid(), candidate.name(), e);
        }
    }

    private void failed(String uid, NamespacedName name, RuntimeException e) {
        if (!closed) {
            log.warn("controller=scheduler key={} will be retried: {}", name, e.toString());
            log.debug("controller=scheduler key={}", name, e);
            attempts.ended(uid, Attempts.Result.ERROR);
            queue.failed(uid);
        }
    }

    private void decide(Pod pod) throws InterruptedException {
        ClusterView view = cache.view();
        Optional<String> unbound = claims.objection(pod);
        if (unbound.isPresent()) {
            String message =
                    "0/%d nodes are available: %s.".formatted(view.nodes().size(), unbound.get());
            refuse(pod, message, EnumSet.of(Happening.CLAIM_CHANGED));
            return;
        }
        PlacedPod wish = PlacedPod.of(pod);
        List<NodeSelector> volumes = claims.required(pod);
        switch (new Scheduling(wish, volumes, view).place(sampling)) {
            case Placement.Fits(String node) -> bind(wish, node);
            case Placement.Unschedulable refused ->
                    preempt(wish, refused, new Preemption(wish, volumes, view, budgets()), view);
        }
    }

    private List<PodDisruptionBudget> budgets() {
        return informers.podDisruptionBudgets.list();
    }

    private void bind(PlacedPod pod, String node) throws InterruptedException {
        cache.assume(pod, node);
        beside(
                pod.pod(),
                () -> {
                    try {
                        writes.bind(pod.pod(), node);
                        attempts.ended(pod.uid(), Attempts.Result.SCHEDULED);
                        queue.remove(pod.uid());
                    } catch (RuntimeException e) {
                        cache.forget(pod.uid());
                        queue.happened(Happening.POD_LEFT);
                        if (e instanceof KubernetesClientException answer && isRefusal(answer)) {
                            writes.explainFailure(pod.pod(), answer);
                        }
                        throw e;
                    }
                });
    }

    /** Whether the binding itself is not wanted; otherwise the pod has changed or gone. */
    private static boolean isRefusal(KubernetesClientException e) {
        int code = e.getCode();
        return code / 100 == 4
                && code != HttpURLConnection.HTTP_NOT_FOUND
                && code != HttpURLConnection.HTTP_CONFLICT;
    }

    private void refuse(Pod pod, String message, Set<Happening> cures) throws InterruptedException {
        beside(
                pod,
                () -> {
                    writes.explain(pod, message, null);
                    refused(pod, cures);
                });
    }

    /** Writes beside the next decisions, as long as not too many such writes are under way. */
    private void beside(Pod pod, Runnable write) throws InterruptedException {
        free.acquire();
        writers.execute(() -> {
            try {
                write.run();
            } catch (RuntimeException e) {
                failed(pod.getMetadata().getUid(), NamespacedName.of(pod), e);
            } finally {
                free.release();
            }
        });
    }

    /** Makes room if pods of lower priority are in the way; the pod is tried again when they go. */
    private void preempt(
            PlacedPod wish,
            Placement.Unschedulable refused,
            Preemption preemption,
            ClusterView view)
            throws InterruptedException {
        Pod pod = wish.pod();
        Set<Happening> cures = EnumSet.of(Happening.POD_LEFT);
        cures.addAll(refused.cures());
        if (isMakingRoom(pod, view)) {
            refuse(pod, refused.message(), cures);
            return;
        }
        Optional<Preemption.Victims> victims = preemption.find(refused.resolvableNames());
        if (victims.isEmpty()) {
            boolean mayPreempt = !"Never".equals(pod.getSpec().getPreemptionPolicy());
            refuse(pod, refused.messageAfterPreemption(mayPreempt), cures);
            return;
        }
        // not beside: the next decision must know of it
        String node = victims.get().node();
        for (Pod victim : victims.get().pods()) {
            writes.evict(victim, pod, node);
        }
        // what they hoped for goes to this one
        for (PlacedPod other : view.nominatedBelow(wish, node)) {
            withdraw(other.pod());
        }
        writes.explain(pod, refused.message(), node);
        refused(pod, cures);
    }

    private void refused(Pod pod, Set<Happening> cures) {
        // before the next try can begin
        attempts.ended(pod.getMetadata().getUid(), Attempts.Result.UNSCHEDULABLE);
        queue.refused(pod.getMetadata().getUid(), cures);
    }

    private void withdraw(Pod nominated) {
        try {
            writes.withdraw(nominated);
        } catch (KubernetesClientException e) {
            // it has changed meanwhile, and will be looked at again for that
            log.debug("controller=scheduler key={}", NamespacedName.of(nominated), e);
        }
    }

    /** Whether pods it has preempted are still going. */
    private static boolean isMakingRoom(Pod pod, ClusterView view) {
        String node = nominated(pod);
        return node != null
                && view.nodes().stream()
                        .filter(state -> state.name().equals(node))
                        .flatMap(state -> state.pods().stream())
                        .map(PlacedPod::pod)
                        .anyMatch(other ->
                                Pods.isTerminating(other)
                                        && Preemption.priority(other) < Preemption.priority(pod));
    }

    private static @Nullable String nominated(Pod pod) {
        return pod.getStatus() == null ? null : pod.getStatus().getNominatedNodeName();
    }

    private static boolean hasNode(Pod pod) {
        String node = pod.getSpec().getNodeName();
        return node != null && !node.isEmpty();
    }

    private static boolean isPending(Pod pod) {
        return isMine(pod) && !isGated(pod);
    }

    private static boolean isGated(Pod pod) {
        var gates = pod.getSpec().getSchedulingGates();
        return gates != null && !gates.isEmpty() && isMine(pod);
    }

    private static boolean isMine(Pod pod) {
        String scheduler = pod.getSpec().getSchedulerName();
        return !hasNode(pod) && (scheduler == null || scheduler.equals(NAME)) && Pods.isActive(pod);
    }
}
