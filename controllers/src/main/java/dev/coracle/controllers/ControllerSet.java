package dev.coracle.controllers;

import dev.coracle.controllers.clusterrole.ClusterRoleAggregationController;
import dev.coracle.controllers.cronjob.CronJobController;
import dev.coracle.controllers.daemonset.DaemonSetController;
import dev.coracle.controllers.deployment.DeploymentController;
import dev.coracle.controllers.disruption.DisruptionController;
import dev.coracle.controllers.disruption.StaleDisruptionController;
import dev.coracle.controllers.endpointslice.EndpointSliceController;
import dev.coracle.controllers.endpointslice.MirroringController;
import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.garbagecollection.GarbageCollector;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.job.JobController;
import dev.coracle.controllers.namespace.NamespaceController;
import dev.coracle.controllers.nodeipam.NodeIpamController;
import dev.coracle.controllers.nodeipam.PodNetwork;
import dev.coracle.controllers.nodelifecycle.NodeLifecycleController;
import dev.coracle.controllers.nodelifecycle.TaintEvictionController;
import dev.coracle.controllers.persistentvolume.PersistentVolumeController;
import dev.coracle.controllers.podautoscaler.HorizontalPodAutoscalerController;
import dev.coracle.controllers.podgarbage.PodGarbageController;
import dev.coracle.controllers.replicaset.ReplicaSetController;
import dev.coracle.controllers.scheduling.Scheduler;
import dev.coracle.controllers.scheduling.SchedulerFigures;
import dev.coracle.controllers.serviceaccount.ServiceAccountController;
import dev.coracle.controllers.serviceaccount.TokenController;
import dev.coracle.controllers.statefulset.StatefulSetController;
import dev.coracle.controllers.workqueue.ControlLoop;
import dev.coracle.controllers.workqueue.Loop;
import dev.coracle.controllers.workqueue.QueueFigures;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.InstantSource;
import java.util.List;

/**
 * All control loops and the scheduler, sharing one set of informers.
 *
 * <p>{@link #start} returns at once; the loops begin when the informers hold a complete picture,
 * and wait for an API server that is not there yet. The client stays the caller's.
 */
public final class ControllerSet implements AutoCloseable {

    private final ClusterInformers informers;
    private final List<EventRecorder> recorders;
    private final GarbageCollector garbageCollector;
    private final Scheduler scheduler;
    private final List<Loop> loops;
    private final ControlLoop<String> beginning;
    private volatile boolean ready;

    private ControllerSet(
            KubernetesClient client, ControllerProperties properties, InstantSource clock) {
        informers = new ClusterInformers(client);
        EventRecorder nodeEvents = new EventRecorder(client, "node-controller", clock);
        EventRecorder schedulerEvents = new EventRecorder(client, "default-scheduler", clock);
        EventRecorder deploymentEvents = new EventRecorder(client, "deployment-controller", clock);
        EventRecorder replicaSetEvents = new EventRecorder(client, "replicaset-controller", clock);
        EventRecorder replicationEvents =
                new EventRecorder(client, "replication-controller", clock);
        EventRecorder daemonSetEvents = new EventRecorder(client, "daemonset-controller", clock);
        EventRecorder jobEvents = new EventRecorder(client, "job-controller", clock);
        EventRecorder cronJobEvents = new EventRecorder(client, "cronjob-controller", clock);
        EventRecorder disruptionEvents = new EventRecorder(client, "controllermanager", clock);
        EventRecorder statefulSetEvents =
                new EventRecorder(client, "statefulset-controller", clock);
        EventRecorder volumeEvents =
                new EventRecorder(client, "persistentvolume-controller", clock);
        EventRecorder autoscalerEvents =
                new EventRecorder(client, "horizontal-pod-autoscaler", clock);
        EventRecorder endpointEvents = new EventRecorder(client, "endpoint-controller", clock);
        EventRecorder mirroringEvents =
                new EventRecorder(client, "endpoint-slice-mirroring-controller", clock);
        EventRecorder collectorEvents =
                new EventRecorder(client, "garbage-collector-controller", clock);
        EventRecorder sliceEvents = new EventRecorder(client, "endpoint-slice-controller", clock);
        recorders =
                List.of(
                        nodeEvents,
                        collectorEvents,
                        endpointEvents,
                        mirroringEvents,
                        sliceEvents,
                        schedulerEvents,
                        deploymentEvents,
                        replicaSetEvents,
                        replicationEvents,
                        daemonSetEvents,
                        jobEvents,
                        cronJobEvents,
                        disruptionEvents,
                        statefulSetEvents,
                        autoscalerEvents,
                        volumeEvents);
        PodNetwork network = new PodNetwork(properties.podNetwork(), properties.nodePrefixLength());
        garbageCollector = new GarbageCollector(client, informers, collectorEvents);
        scheduler = new Scheduler(client, informers, schedulerEvents, clock);
        loops =
                List.of(
                        new NodeIpamController(client, informers, nodeEvents, network).loop(),
                        new NodeLifecycleController(
                                        client,
                                        informers,
                                        nodeEvents,
                                        clock,
                                        properties.leaseTimeout(),
                                        properties.evictionDelay())
                                .loop(),
                        new ServiceAccountController(
                                        client, informers, properties.certificateAuthority())
                                .loop(),
                        new TaintEvictionController(client, informers, nodeEvents, clock).loop(),
                        new PodGarbageController(client, informers, clock).loop(),
                        new TokenController(client, informers, properties.certificateAuthority())
                                .loop(),
                        new DeploymentController(client, informers, deploymentEvents, clock).loop(),
                        ReplicaSetController.ofReplicaSets(
                                        client, informers, replicaSetEvents, clock)
                                .loop(),
                        ReplicaSetController.ofReplicationControllers(
                                        client, informers, replicationEvents, clock)
                                .loop(),
                        new DaemonSetController(client, informers, daemonSetEvents, clock).loop(),
                        new JobController(client, informers, jobEvents, clock).loop(),
                        new CronJobController(client, informers, cronJobEvents, clock).loop(),
                        new DisruptionController(client, informers, disruptionEvents, clock).loop(),
                        new StaleDisruptionController(client, informers, clock).loop(),
                        new StatefulSetController(client, informers, statefulSetEvents, clock)
                                .loop(),
                        scheduler,
                        new EndpointSliceController(client, informers, sliceEvents, endpointEvents)
                                .loop(),
                        new MirroringController(client, informers, mirroringEvents).loop(),
                        new HorizontalPodAutoscalerController(
                                        client, informers, autoscalerEvents, clock)
                                .loop(),
                        new PersistentVolumeController(client, informers, volumeEvents).loop(),
                        new NamespaceController(client, informers, clock).loop(),
                        new ClusterRoleAggregationController(client, informers).loop(),
                        garbageCollector.loop());
        beginning = new ControlLoop<>("start", 1, _ -> begin());
    }

    public static ControllerSet create(
            KubernetesClient client, ControllerProperties properties, InstantSource clock) {
        return new ControllerSet(client, properties, clock);
    }

    /** Starts once; may not be repeated. */
    public void start() {
        var _ = informers.start().thenRun(() -> beginning.enqueue("start"));
        beginning.start();
    }

    /** True once every loop works on a complete picture. */
    public boolean isReady() {
        return ready;
    }

    /** What the loops' work queues say of themselves. */
    public List<QueueFigures> queues() {
        return loops.stream().flatMap(loop -> loop.figures().stream()).toList();
    }

    /** What the scheduler says of itself. */
    public SchedulerFigures schedulerFigures() {
        return scheduler.ownFigures();
    }

    /** One line for a progress or status report. */
    public String describe() {
        return ready
                ? loops.size() + " control loops running"
                : "control loops waiting for the API server";
    }

    @Override
    public void close() {
        ready = false;
        beginning.close();
        loops.forEach(Loop::close);
        garbageCollector.close();
        informers.close();
        recorders.forEach(EventRecorder::close);
    }

    /** Repeated with back-off if discovery fails. */
    private void begin() {
        garbageCollector.start().join();
        loops.forEach(Loop::start);
        ready = true;
    }
}
