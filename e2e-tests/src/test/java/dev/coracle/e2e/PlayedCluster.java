package dev.coracle.e2e;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An API server with its control loops, and nodes {@code played-1} to {@code played-3} whose
 * kubelet is this class: a pod bound to one runs and is ready at once, unless its annotations say
 * otherwise, and goes at once when it is deleted; one that a finalizer holds is seen to have
 * failed. No process is started. Shared by tests; ends with the JVM.
 */
final class PlayedCluster {

    /** Annotation of a pod: its containers end with this exit code. */
    static final String EXIT = "played/exit-code";

    /** Annotation of a pod: {@code false} while it is not to be ready. */
    static final String READY = "played/ready";

    /** Annotation of a pod: it stays when it is deleted, until this is removed. */
    static final String STAYS = "played/stays";

    private static final String KILLED = "137";
    private static final int NODES = 3;
    private static @Nullable PlayedCluster shared;

    private final ApiServer server =
            ApiServer.start("coracle.apiserver.advertise-address=10.89.0.1");
    private final KubernetesClient client =
            new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(server.kubeconfigText()))
                    .build();
    private final ScheduledExecutorService kubelets = Executors.newScheduledThreadPool(2);

    private PlayedCluster() {
        try {
            for (int i = 1; i <= NODES; i++) {
                // the API server looks for their figures there: it must not leave the host
                join("played-" + i, "127.77.0.1" + i);
            }
            var _ = client.pods().inAnyNamespace().inform(new Kubelet(), 0);
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    static synchronized PlayedCluster shared() {
        PlayedCluster present = shared;
        if (present == null) {
            PlayedCluster started = new PlayedCluster();
            Runtime.getRuntime().addShutdownHook(new Thread(started::stop));
            shared = started;
            present = started;
        }
        return present;
    }

    ApiServer server() {
        return server;
    }

    KubernetesClient client() {
        return client;
    }

    private void stop() {
        kubelets.shutdownNow();
        client.close();
        server.stop();
    }

    private void join(String name, String address) {
        client.resource(
                        new NodeBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .addToLabels("kubernetes.io/hostname", name)
                                .endMetadata()
                                .build())
                .create();
        String size =
                "{\"cpu\":\"8\",\"memory\":\"8Gi\",\"ephemeral-storage\":\"8Gi\",\"pods\":\"110\"}";
        // a patch: loops change the node too
        client.nodes()
                .withName(name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        """
                        {"status":{"capacity":%1$s,"allocatable":%1$s,
                        "addresses":[{"type":"InternalIP","address":"%2$s"}],
                        "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady"}]}}
                        """
                                .formatted(size, address));
        var _ = kubelets.scheduleAtFixedRate(() -> renew(name), 0, 10, TimeUnit.SECONDS);
    }

    private void renew(String node) {
        client.resource(
                        new LeaseBuilder()
                                .withNewMetadata()
                                .withName(node)
                                .withNamespace("kube-node-lease")
                                .endMetadata()
                                .withNewSpec()
                                .withHolderIdentity(node)
                                .withLeaseDurationSeconds(40)
                                .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                                .endSpec()
                                .build())
                .forceConflicts()
                .serverSideApply();
    }

    /** Runs what is bound to a played node. */
    private final class Kubelet implements ResourceEventHandler<Pod> {

        @Override
        public void onAdd(Pod pod) {
            kubelets.execute(() -> play(pod));
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            kubelets.execute(() -> play(pod));
        }

        @Override
        public void onDelete(Pod pod, boolean stateUnknown) {}
    }

    private void play(Pod pod) {
        String node = pod.getSpec().getNodeName();
        if (node == null || !node.startsWith("played-")) {
            return;
        }
        try {
            if (pod.getMetadata().getDeletionTimestamp() == null) {
                report(pod, annotation(pod, EXIT));
            } else if (annotation(pod, STAYS).isEmpty()) {
                if (!pod.getMetadata().getFinalizers().isEmpty()) {
                    report(pod, KILLED);
                }
                var _ = client.pods().resource(pod).withGracePeriod(0).delete();
            }
        } catch (KubernetesClientException e) {
            // it has changed or gone, which is another event
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
        }
    }

    private void report(Pod pod, String exit) {
        String phase = exit.isEmpty() ? "Running" : exit.equals("0") ? "Succeeded" : "Failed";
        boolean ready = exit.isEmpty() && !annotation(pod, READY).equals("false");
        String before = pod.getStatus() == null ? "" : pod.getStatus().getPhase();
        boolean wasReady =
                pod.getStatus() != null
                        && pod.getStatus().getConditions().stream()
                                .anyMatch(c ->
                                        c.getType().equals("Ready")
                                                && c.getStatus().equals("True"));
        boolean isOver = exit.equals(KILLED) && List.of("Succeeded", "Failed").contains(before);
        if (isOver || (phase.equals(before) && ready == wasReady)) {
            return;
        }
        String now = Instant.now().toString();
        List<PodCondition> conditions = new ArrayList<>();
        if (pod.getStatus() != null) {
            pod.getStatus().getConditions().stream()
                    .filter(c -> !List.of("Ready", "ContainersReady").contains(c.getType()))
                    .forEach(conditions::add);
        }
        for (String type : List.of("Ready", "ContainersReady")) {
            conditions.add(
                    new PodConditionBuilder()
                            .withType(type)
                            .withStatus(ready ? "True" : "False")
                            .withLastTransitionTime(now)
                            .build());
        }
        List<ContainerStatus> statuses = new ArrayList<>();
        for (Container container : pod.getSpec().getContainers()) {
            statuses.add(
                    new ContainerStatusBuilder()
                            .withName(container.getName())
                            .withImage(container.getImage())
                            .withImageID(container.getImage())
                            .withReady(ready)
                            .withStarted(exit.isEmpty())
                            .withRestartCount(0)
                            .withState(state(exit, now))
                            .build());
        }
        client.pods()
                .resource(
                        new PodBuilder(pod)
                                .editOrNewStatus()
                                .withPhase(phase)
                                .withConditions(conditions)
                                .withContainerStatuses(statuses)
                                .withStartTime(now)
                                .endStatus()
                                .build())
                .updateStatus();
    }

    private static ContainerState state(String exit, String now) {
        return exit.isEmpty()
                ? new ContainerStateBuilder()
                        .withNewRunning()
                        .withStartedAt(now)
                        .endRunning()
                        .build()
                : new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(Integer.parseInt(exit))
                        .withReason(exit.equals("0") ? "Completed" : "Error")
                        .withStartedAt(now)
                        .withFinishedAt(now)
                        .endTerminated()
                        .build();
    }

    private static String annotation(Pod pod, String name) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(name, "");
    }
}
