package dev.coracle.e2e;

import static dev.coracle.e2e.PlayedNamespace.STRATEGIC;
import static dev.coracle.e2e.PlayedNamespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The Deployments of a test's namespace, and their ReplicaSets. */
final class PlayedDeployments {

    static final String REVISION = "deployment.kubernetes.io/revision";

    private final PlayedNamespace namespace;

    PlayedDeployments(PlayedNamespace namespace) {
        this.namespace = namespace;
    }

    /** Makes one of an image; {@code lines} are of its spec. */
    Deployment create(String name, String... lines) {
        return createPlayed(name, "{}", lines);
    }

    /** The same, with annotations of its pods. */
    Deployment createPlayed(String name, String annotations, String... lines) {
        return namespace.create(
                Deployment.class,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s, labels: {app: %1$s}}
                spec:
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}, annotations: %2$s}
                    spec: {containers: [{name: main, image: first}]}
                  %3$s
                """
                        .formatted(name, annotations, String.join("\n  ", lines)));
    }

    ReplicaSet createReplicaSet(String name, String app, String annotations, int replicas) {
        return namespace.create(
                ReplicaSet.class,
                """
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: %1$s, labels: {app: %2$s, pod: older}, annotations: %3$s}
                spec:
                  replicas: %4$d
                  selector: {matchLabels: {app: %2$s, pod: older}}
                  template:
                    metadata: {labels: {app: %2$s, pod: older}}
                    spec: {containers: [{name: main, image: older}]}
                """
                        .formatted(name, app, annotations, replicas));
    }

    RollableScalableResource<Deployment> named(String name) {
        return namespace.client().apps().deployments().inNamespace(namespace.name()).withName(name);
    }

    JsonNode patch(String name, String patch) {
        return namespace.send(
                "PATCH", namespace.path("apps/v1", "deployments/" + name), STRATEGIC, patch);
    }

    void setImage(String name, String image) {
        patch(
                name,
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"%s\"}]}}}}"
                        .formatted(image));
    }

    List<ReplicaSet> replicaSets() {
        return namespace
                .client()
                .apps()
                .replicaSets()
                .inNamespace(namespace.name())
                .list()
                .getItems();
    }

    ReplicaSet replicaSet(String image) {
        return replicaSets().stream()
                .filter(rs -> image(rs).equals(image))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no ReplicaSet of " + image));
    }

    static String image(ReplicaSet rs) {
        return rs.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
    }

    static String condition(Deployment deployment, String type) {
        return deployment.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(type))
                .map(c -> c.getStatus() + " " + c.getReason() + ": " + c.getMessage())
                .findFirst()
                .orElse("");
    }

    String condition(String name, String type) {
        return condition(named(name).get(), type);
    }

    /** All pods are new, there and available, and the status says so of the newest generation. */
    void awaitComplete(String name) {
        await(() -> {
            Deployment now = named(name).get();
            var status = now.getStatus();
            assertThat(status.getObservedGeneration()).isEqualTo(now.getMetadata().getGeneration());
            Integer wanted = now.getSpec().getReplicas();
            assertThat(status.getUpdatedReplicas()).isEqualTo(wanted);
            assertThat(status.getReplicas()).isEqualTo(wanted);
            assertThat(status.getAvailableReplicas()).isEqualTo(wanted);
            assertThat(condition(now, "Progressing")).startsWith("True NewReplicaSetAvailable");
            assertThat(condition(now, "Available"))
                    .isEqualTo(
                            "True MinimumReplicasAvailable: Deployment has minimum availability.");
        });
    }
}
