package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.DeleteOptions.Propagation;
import dev.coracle.apiserver.registry.apps.DeploymentStrategy;
import dev.coracle.apiserver.registry.core.pod.PodStrategy;
import dev.coracle.apiserver.status.ApiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The create, update and delete templates, with Deployments and Pods as examples. */
class RegistryTest {

    private static final String DEPLOYMENT =
            """
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: c, image: coracle/echo}]}
            status: {replicas: 7}
            """;

    private final RegistryFixture deployments = new RegistryFixture(new DeploymentStrategy());
    private final RegistryFixture pods = new RegistryFixture(new PodStrategy());

    @AfterEach
    void close() {
        deployments.close();
        pods.close();
    }

    @Nested
    class OnCreate {

        @Test
        void setsWhatTheServerOwnsAndDropsTheStatus() {
            ApiObject created = deployments.create(DEPLOYMENT);
            assertThat(created.uid()).hasSize(36);
            assertThat(created.text("metadata.creationTimestamp"))
                    .isEqualTo("2026-01-02T03:04:05Z");
            assertThat(created.generation()).isEqualTo(1);
            assertThat(created.resourceVersion()).isEqualTo("1");
            assertThat(created.at("status").isObject()).isTrue();
            assertThat(created.at("status")).isEmpty();
            assertThat(created.text("spec.strategy.rollingUpdate.maxSurge")).isEqualTo("25%");
        }

        @Test
        void refusesANameThatIsTaken() {
            deployments.create(DEPLOYMENT);
            assertThatThrownBy(() -> deployments.create(DEPLOYMENT))
                    .hasMessage("deployments.apps \"web\" already exists");
        }

        @Test
        void makesANameFromGenerateName() {
            ApiObject created =
                    deployments.create(DEPLOYMENT.replace("name: web", "generateName: web-"));
            assertThat(created.name()).matches("web-[bcdfghjklmnpqrstvwxz2456789]{5}");
        }

        @Test
        void namesEveryMissingField() {
            assertThatThrownBy(() -> deployments.create("{metadata: {name: web}, spec: {}}"))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("spec.selector: Required value")
                    .hasMessageContaining("spec.template: Required value");
        }

        @Test
        void refusesASelectorThatDoesNotMatchTheTemplate() {
            assertThatThrownBy(() ->
                            deployments.create(
                                    DEPLOYMENT.replace(
                                            "labels: {app: web}", "labels: {app: other}")))
                    .hasMessageContaining(
                            "spec.template.metadata.labels: Invalid value: {\"app\":\"other\"}: `selector` does not match template `labels`");
        }
    }

    @Nested
    class OnUpdate {

        @Test
        void bumpsTheGenerationWhenTheSpecChanges() {
            ApiObject created = deployments.create(DEPLOYMENT);
            ApiObject scaled =
                    deployments.update(
                            created,
                            current -> {
                                current.spec().put("replicas", 3);
                                return current;
                            });
            assertThat(scaled.generation()).isEqualTo(2);
            ApiObject labelled =
                    deployments.update(
                            created,
                            current -> {
                                current.metadata().putObject("labels").put("a", "b");
                                return current;
                            });
            assertThat(labelled.generation()).isEqualTo(2);
        }

        @Test
        void leavesOutEmptyMetadata() {
            ApiObject created = deployments.create(DEPLOYMENT);
            ApiObject updated =
                    deployments.update(
                            created,
                            current -> {
                                current.metadata().putObject("labels");
                                current.metadata().putArray("finalizers");
                                return current;
                            });
            assertThat(updated.tree()).isEqualTo(created.tree());
        }

        @Test
        void takesTheLastFinalizerByWayOfTheStatus() {
            ApiObject created =
                    deployments.create(
                            DEPLOYMENT.replace("{name: web}", "{name: web, finalizers: [a/b]}"));
            ApiObject updated =
                    deployments.update(
                            created.key(),
                            Registry.Scope.STATUS,
                            current -> {
                                current.metadata().remove("finalizers");
                                return current;
                            });
            assertThat(created.finalizers()).containsExactly("a/b");
            assertThat(updated.finalizers()).isEmpty();
        }

        @Test
        void writesNothingWhenNothingChanges() {
            ApiObject created = deployments.create(DEPLOYMENT);
            assertThat(deployments.update(created, current -> current).resourceVersion())
                    .isEqualTo(created.resourceVersion());
            assertThat(deployments.cache.revision()).isEqualTo(1);
        }

        @Test
        void refusesAStaleResourceVersion() {
            ApiObject created = deployments.create(DEPLOYMENT);
            deployments.update(
                    created,
                    current -> {
                        current.spec().put("replicas", 2);
                        return current;
                    });
            assertThatThrownBy(() -> deployments.update(created, _ -> created.copy()))
                    .hasMessage(
                            "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your changes to the latest version and try again");
        }

        @Test
        void refusesToChangeTheSelector() {
            ApiObject created = deployments.create(DEPLOYMENT);
            assertThatThrownBy(() ->
                            deployments.update(
                                    created,
                                    current -> {
                                        current.spec()
                                                .withObject("selector")
                                                .putObject("matchLabels")
                                                .put("app", "x");
                                        current.spec()
                                                .withObject("template")
                                                .withObject("metadata")
                                                .putObject("labels")
                                                .put("app", "x");
                                        return current;
                                    }))
                    .hasMessageContaining("spec.selector: Invalid value")
                    .hasMessageContaining("field is immutable");
        }

        @Test
        void keepsStatusAndSpecApart() {
            ApiObject created = deployments.create(DEPLOYMENT);
            ApiObject updated =
                    deployments.update(
                            created.key(),
                            Registry.Scope.STATUS,
                            current -> {
                                current.status().put("replicas", 1);
                                current.spec().put("replicas", 9);
                                return current;
                            });
            assertThat(updated.at("status.replicas").asInt()).isEqualTo(1);
            assertThat(updated.at("spec.replicas").asInt()).isEqualTo(1);
            assertThat(updated.generation()).isEqualTo(1);
        }
    }

    @Nested
    class OnDelete {

        private static final String POD =
                """
                metadata: {name: p}
                spec: {nodeName: node-1, containers: [{name: c, image: coracle/echo}]}
                """;

        @Test
        void removesAnObjectWithoutFinalizersAtOnce() {
            ApiObject created = deployments.create(DEPLOYMENT);
            assertThat(deployments.delete(created, Propagation.BACKGROUND).gone()).isTrue();
            assertThatThrownBy(() -> deployments.registry.get(deployments.strategy, created.key()))
                    .hasMessage("deployments.apps \"web\" not found");
        }

        @Test
        void keepsAnObjectUntilItsFinalizersAreGone() {
            ApiObject created = deployments.create(DEPLOYMENT);
            Deletions.Deleted marked = deployments.delete(created, Propagation.FOREGROUND);
            assertThat(marked.gone()).isFalse();
            assertThat(marked.object().toObject().finalizers())
                    .containsExactly("foregroundDeletion");
            deployments.update(
                    created,
                    current -> {
                        current.metadata().remove("finalizers");
                        return current;
                    });
            assertThat(deployments.cache.find("deployments.apps", created.key())).isEmpty();
        }

        @Test
        void givesABoundPodItsGracePeriod() {
            ApiObject pod = pods.create(POD);
            ApiObject marked = pods.delete(pod, Propagation.BACKGROUND).object().toObject();
            assertThat(marked.deletionTimestamp()).isEqualTo("2026-01-02T03:04:35Z");
            assertThat(marked.at("metadata.deletionGracePeriodSeconds").asInt()).isEqualTo(30);
            Deletions.Deleted finished =
                    pods.deletions
                            .delete(
                                    pods.strategy,
                                    pod.key(),
                                    new DeleteOptions(0L, Propagation.DEFAULT, "", "", false))
                            .blockOptional()
                            .orElseThrow();
            assertThat(finished.gone()).isTrue();
        }

        @Test
        void removesAPodWithoutANodeAtOnce() {
            ApiObject pod = pods.create(POD.replace("nodeName: node-1, ", ""));
            assertThat(pods.delete(pod, Propagation.BACKGROUND).gone()).isTrue();
        }

        @Test
        void holdsToThePreconditions() {
            ApiObject pod = pods.create(POD);
            assertThatThrownBy(() ->
                            pods.deletions
                                    .delete(
                                            pods.strategy,
                                            pod.key(),
                                            new DeleteOptions(
                                                    0L, Propagation.DEFAULT, "other", "", false))
                                    .block())
                    .hasMessageContaining("Precondition failed: UID in precondition: other");
        }
    }
}
