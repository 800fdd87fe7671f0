package dev.coracle.controllers.informer;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The informers all loops share, one per kind that any loop needs. */
public final class ClusterInformers implements AutoCloseable {

    private final Map<Class<?>, Informer<?>> informers = new LinkedHashMap<>();

    public final Informer<Node> nodes;
    public final Informer<Namespace> namespaces;
    public final Informer<Pod> pods;
    public final Informer<Service> services;
    public final Informer<Endpoints> endpoints;
    public final Informer<EndpointSlice> endpointSlices;
    public final Informer<Deployment> deployments;
    public final Informer<ReplicaSet> replicaSets;
    public final Informer<ReplicationController> replicationControllers;
    public final Informer<StatefulSet> statefulSets;
    public final Informer<DaemonSet> daemonSets;
    public final Informer<ControllerRevision> controllerRevisions;
    public final Informer<Job> jobs;
    public final Informer<CronJob> cronJobs;
    public final Informer<PodDisruptionBudget> podDisruptionBudgets;
    public final Informer<HorizontalPodAutoscaler> autoscalers;
    public final Informer<ServiceAccount> serviceAccounts;

    /** Those of type {@code kubernetes.io/service-account-token} only. */
    public final Informer<Secret> tokenSecrets;

    public final Informer<ConfigMap> configMaps;
    public final Informer<Lease> leases;
    public final Informer<PersistentVolume> persistentVolumes;
    public final Informer<PersistentVolumeClaim> persistentVolumeClaims;
    public final Informer<StorageClass> storageClasses;
    public final Informer<ClusterRole> clusterRoles;

    public ClusterInformers(KubernetesClient client) {
        nodes = add(client, Node.class);
        namespaces = add(client, Namespace.class);
        pods = add(client, Pod.class);
        services = add(client, Service.class);
        endpoints = add(client, Endpoints.class);
        endpointSlices = add(client, EndpointSlice.class);
        deployments = add(client, Deployment.class);
        replicaSets = add(client, ReplicaSet.class);
        replicationControllers = add(client, ReplicationController.class);
        statefulSets = add(client, StatefulSet.class);
        daemonSets = add(client, DaemonSet.class);
        controllerRevisions = add(client, ControllerRevision.class);
        jobs = add(client, Job.class);
        cronJobs = add(client, CronJob.class);
        podDisruptionBudgets = add(client, PodDisruptionBudget.class);
        autoscalers = add(client, HorizontalPodAutoscaler.class);
        serviceAccounts = add(client, ServiceAccount.class);
        tokenSecrets =
                new Informer<>(
                        client.secrets()
                                .inAnyNamespace()
                                .withField("type", "kubernetes.io/service-account-token"));
        configMaps = add(client, ConfigMap.class);
        leases = add(client, Lease.class);
        persistentVolumes = add(client, PersistentVolume.class);
        persistentVolumeClaims = add(client, PersistentVolumeClaim.class);
        storageClasses = add(client, StorageClass.class);
        clusterRoles = add(client, ClusterRole.class);
    }

    /** The shared informers of all objects of a kind, by that kind. */
    public Map<Class<?>, Informer<?>> all() {
        return Map.copyOf(informers);
    }

    /** Starts all; done when every first list is complete. */
    public CompletableFuture<@Nullable Void> start() {
        return CompletableFuture.allOf(
                        each().map(Informer::start).toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> null);
    }

    public boolean hasSynced() {
        return each().allMatch(Informer::hasSynced);
    }

    @Override
    public void close() {
        each().forEach(Informer::close);
    }

    private Stream<Informer<?>> each() {
        return Stream.concat(informers.values().stream(), Stream.of(tokenSecrets));
    }

    private <T extends HasMetadata> Informer<T> add(KubernetesClient client, Class<T> type) {
        Informer<T> informer = new Informer<>(client.resources(type).inAnyNamespace());
        informers.put(type, informer);
        return informer;
    }
}
