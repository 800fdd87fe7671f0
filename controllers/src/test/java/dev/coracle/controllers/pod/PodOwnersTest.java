package dev.coracle.controllers.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.informer.NamespacedName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PodOwnersTest {

    private final List<NamespacedName> told = new ArrayList<>();
    private final PodOwners<StatefulSet> owners =
            new PodOwners<>(
                    "StatefulSet",
                    namespace -> List.of(set(namespace, "web"), set(namespace, "db")),
                    set -> set.getSpec().getSelector(),
                    told::add);

    @Test
    void tellsTheOwner() {
        owners.changed(null, pod("other", "StatefulSet", "web"));

        assertThat(told).containsExactly(new NamespacedName("shop", "web"));
    }

    @Test
    void leavesPodsOfAnotherKindAlone() {
        owners.changed(null, pod("web", "ReplicaSet", "web"));

        assertThat(told).isEmpty();
    }

    @Test
    void tellsThoseThatWouldTakeAnOrphan() {
        owners.changed(null, pod("db", null, null));

        assertThat(told).containsExactly(new NamespacedName("shop", "db"));
    }

    @Test
    void tellsWhoLostAPodAndWhoMayTakeIt() {
        owners.changed(pod("db", "StatefulSet", "web"), pod("db", null, null));

        assertThat(told)
                .containsExactly(
                        new NamespacedName("shop", "web"), new NamespacedName("shop", "db"));
    }

    private static StatefulSet set(String namespace, String app) {
        return new StatefulSetBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(app)
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .addToMatchLabels("app", app)
                .endSelector()
                .endSpec()
                .build();
    }

    private static Pod pod(String app, @Nullable String kind, @Nullable String owner) {
        PodBuilder pod =
                new PodBuilder()
                        .withNewMetadata()
                        .withNamespace("shop")
                        .withName("one")
                        .addToLabels("app", app)
                        .endMetadata();
        if (owner != null) {
            pod.editMetadata()
                    .addNewOwnerReference()
                    .withKind(kind)
                    .withName(owner)
                    .withController(true)
                    .endOwnerReference()
                    .endMetadata();
        }
        return pod.build();
    }
}
