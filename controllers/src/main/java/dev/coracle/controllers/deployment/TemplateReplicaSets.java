package dev.coracle.controllers.deployment;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.pod.TemplateHash;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Finds and makes the ReplicaSet of a Deployment's current template. */
final class TemplateReplicaSets {

    private static final String HASH = "pod-template-hash";

    private final KubernetesClient client;
    private final EventRecorder events;
    private final InstantSource clock;

    TemplateReplicaSets(KubernetesClient client, EventRecorder events, InstantSource clock) {
        this.client = client;
        this.events = events;
        this.clock = clock;
    }

    /** The oldest ReplicaSet with the Deployment's template, the hash label aside. */
    static Optional<ReplicaSet> find(Deployment deployment, List<ReplicaSet> all) {
        PodTemplateSpec wanted = withoutHash(deployment.getSpec().getTemplate());
        return all.stream()
                .filter(rs -> withoutHash(rs.getSpec().getTemplate()).equals(wanted))
                .findFirst();
    }

    /**
     * Makes the ReplicaSet; empty if the name was taken by another template and the sync must be
     * repeated.
     */
    Optional<ReplicaSet> create(
            Deployment deployment, List<ReplicaSet> old, int replicas, Rollout.Limits limits) {
        Integer collisions =
                deployment.getStatus() == null ? null : deployment.getStatus().getCollisionCount();
        String hash =
                TemplateHash.of(
                        deployment.getSpec().getTemplate(), collisions == null ? 0 : collisions);
        long revision = old.stream().mapToLong(RevisionHistory::revision).max().orElse(0) + 1;
        ReplicaSet wanted =
                new ReplicaSetBuilder()
                        .withNewMetadata()
                        .withNamespace(deployment.getMetadata().getNamespace())
                        .withName(deployment.getMetadata().getName() + "-" + hash)
                        .withLabels(template(deployment, hash).getMetadata().getLabels())
                        .withAnnotations(RevisionHistory.inherited(deployment))
                        .addToAnnotations(RevisionHistory.REVISION, Long.toString(revision))
                        .addToAnnotations(
                                RevisionHistory.DESIRED, Integer.toString(limits.desired()))
                        .addToAnnotations(
                                RevisionHistory.MAXIMUM, Integer.toString(limits.maximum()))
                        .withOwnerReferences(Owners.controllerReference(deployment))
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(replicas)
                        .withMinReadySeconds(deployment.getSpec().getMinReadySeconds())
                        .withSelector(selector(deployment, hash))
                        .withTemplate(template(deployment, hash))
                        .endSpec()
                        .build();
        try {
            ReplicaSet made = client.apps().replicaSets().resource(wanted).create();
            if (replicas > 0) {
                events.normal(
                        deployment,
                        "ScalingReplicaSet",
                        "Scaled up replica set %s from 0 to %d"
                                .formatted(made.getMetadata().getName(), replicas));
            }
            return Optional.of(made);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                String message =
                        "Failed to create new replica set \"%s\": %s"
                                .formatted(wanted.getMetadata().getName(), PodControl.reason(e));
                events.warning(deployment, "ReplicaSetCreateError", message);
                tell(deployment, message);
                throw e;
            }
            return taken(deployment, wanted, collisions == null ? 0 : collisions);
        }
    }

    private void tell(Deployment deployment, String message) {
        DeploymentStatus status = DeploymentConditions.failed(deployment, message, clock.instant());
        if (!status.equals(deployment.getStatus())) {
            Deployment changed = new DeploymentBuilder(deployment).withStatus(status).build();
            var _ = client.apps().deployments().resource(changed).updateStatus();
        }
    }

    private Optional<ReplicaSet> taken(Deployment deployment, ReplicaSet wanted, int collisions) {
        ReplicaSet there =
                client.apps()
                        .replicaSets()
                        .inNamespace(wanted.getMetadata().getNamespace())
                        .withName(wanted.getMetadata().getName())
                        .get();
        if (there != null
                && Owners.isControlledBy(there, deployment)
                && find(deployment, List.of(there)).isPresent()) {
            return Optional.of(there);
        }
        Deployment changed =
                new DeploymentBuilder(deployment)
                        .editOrNewStatus()
                        .withCollisionCount(collisions + 1)
                        .endStatus()
                        .build();
        var _ = client.apps().deployments().resource(changed).updateStatus();
        return Optional.empty();
    }

    /** Gives the ReplicaSet its revision and what it has of the Deployment. */
    ReplicaSet annotate(
            Deployment deployment,
            ReplicaSet current,
            List<ReplicaSet> old,
            Rollout.Limits limits) {
        long latest = old.stream().mapToLong(RevisionHistory::revision).max().orElse(0);
        long revision = Math.max(RevisionHistory.revision(current), latest + 1);
        Map<String, String> annotations =
                RevisionHistory.annotations(deployment, current, revision);
        // other than these they change only when the Deployment is scaled
        if (RevisionHistory.number(current, RevisionHistory.MAXIMUM) == 0) {
            annotations.put(RevisionHistory.DESIRED, Integer.toString(limits.desired()));
            annotations.put(RevisionHistory.MAXIMUM, Integer.toString(limits.maximum()));
        }
        if (annotations.equals(current.getMetadata().getAnnotations())
                && Objects.equals(
                        current.getSpec().getMinReadySeconds(),
                        deployment.getSpec().getMinReadySeconds())) {
            return current;
        }
        ReplicaSet changed =
                new ReplicaSetBuilder(current)
                        .editMetadata()
                        .withAnnotations(annotations)
                        .endMetadata()
                        .editSpec()
                        .withMinReadySeconds(deployment.getSpec().getMinReadySeconds())
                        .endSpec()
                        .build();
        return client.apps().replicaSets().resource(changed).update();
    }

    /** Gives the Deployment the revision of its ReplicaSet. */
    Deployment number(Deployment deployment, ReplicaSet current) {
        long revision = RevisionHistory.revision(current);
        if (RevisionHistory.revision(deployment) == revision) {
            return deployment;
        }
        Deployment changed =
                new DeploymentBuilder(deployment)
                        .editMetadata()
                        .addToAnnotations(RevisionHistory.REVISION, Long.toString(revision))
                        .endMetadata()
                        .build();
        return client.apps().deployments().resource(changed).update();
    }

    private static PodTemplateSpec template(Deployment deployment, String hash) {
        return new PodTemplateSpecBuilder(deployment.getSpec().getTemplate())
                .editOrNewMetadata()
                .addToLabels(HASH, hash)
                .endMetadata()
                .build();
    }

    private static LabelSelector selector(Deployment deployment, String hash) {
        return new LabelSelectorBuilder(deployment.getSpec().getSelector())
                .addToMatchLabels(HASH, hash)
                .build();
    }

    private static PodTemplateSpec withoutHash(PodTemplateSpec template) {
        return new PodTemplateSpecBuilder(template)
                .editOrNewMetadata()
                .removeFromLabels(HASH)
                .endMetadata()
                .build();
    }
}
