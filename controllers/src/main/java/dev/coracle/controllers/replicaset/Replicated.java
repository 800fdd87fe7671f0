package dev.coracle.controllers.replicaset;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.Informer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ReplicationControllerBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A kind that asks for a number of pods of one template: what it looks like as a ReplicaSet, and
 * how it takes a ReplicaSet's status.
 */
record Replicated<T extends HasMetadata>(
        String kind,
        Informer<T> informer,
        Function<T, ReplicaSet> view,
        BiConsumer<T, ReplicaSetStatus> writeStatus) {

    static Replicated<ReplicaSet> replicaSets(KubernetesClient client, ClusterInformers informers) {
        return new Replicated<>(
                "ReplicaSet",
                informers.replicaSets,
                Function.identity(),
                (replicaSet, status) -> {
                    var _ =
                            client.apps()
                                    .replicaSets()
                                    .resource(
                                            new ReplicaSetBuilder(replicaSet)
                                                    .withStatus(status)
                                                    .build())
                                    .updateStatus();
                });
    }

    static Replicated<ReplicationController> replicationControllers(
            KubernetesClient client, ClusterInformers informers) {
        return new Replicated<>(
                "ReplicationController",
                informers.replicationControllers,
                Replicated::viewOf,
                (controller, status) -> {
                    var _ =
                            client.replicationControllers()
                                    .resource(withStatus(controller, status))
                                    .updateStatus();
                });
    }

    private static ReplicaSet viewOf(ReplicationController controller) {
        var status = controller.getStatus();
        return new ReplicaSetBuilder()
                .withApiVersion("v1")
                .withKind("ReplicationController")
                .withMetadata(controller.getMetadata())
                .withNewSpec()
                .withReplicas(controller.getSpec().getReplicas())
                .withMinReadySeconds(controller.getSpec().getMinReadySeconds())
                .withNewSelector()
                .withMatchLabels(controller.getSpec().getSelector())
                .endSelector()
                .withTemplate(controller.getSpec().getTemplate())
                .endSpec()
                .withNewStatus()
                .withReplicas(status.getReplicas())
                .withFullyLabeledReplicas(status.getFullyLabeledReplicas())
                .withReadyReplicas(status.getReadyReplicas())
                .withAvailableReplicas(status.getAvailableReplicas())
                .withObservedGeneration(status.getObservedGeneration())
                .withConditions(
                        status.getConditions() == null
                                ? List.of()
                                : status.getConditions().stream()
                                        .map(c ->
                                                new ReplicaSetConditionBuilder()
                                                        .withType(c.getType())
                                                        .withStatus(c.getStatus())
                                                        .withReason(c.getReason())
                                                        .withMessage(c.getMessage())
                                                        .withLastTransitionTime(
                                                                c.getLastTransitionTime())
                                                        .build())
                                        .toList())
                .endStatus()
                .build();
    }

    private static ReplicationController withStatus(
            ReplicationController controller, ReplicaSetStatus status) {
        return new ReplicationControllerBuilder(controller)
                .withNewStatus()
                .withReplicas(status.getReplicas())
                .withFullyLabeledReplicas(status.getFullyLabeledReplicas())
                .withReadyReplicas(status.getReadyReplicas())
                .withAvailableReplicas(status.getAvailableReplicas())
                .withObservedGeneration(status.getObservedGeneration())
                .withConditions(
                        status.getConditions().stream()
                                .map(c ->
                                        new ReplicationControllerConditionBuilder()
                                                .withType(c.getType())
                                                .withStatus(c.getStatus())
                                                .withReason(c.getReason())
                                                .withMessage(c.getMessage())
                                                .withLastTransitionTime(c.getLastTransitionTime())
                                                .build())
                                .toList())
                .endStatus()
                .build();
    }
}
