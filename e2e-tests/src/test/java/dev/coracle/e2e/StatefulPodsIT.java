package dev.coracle.e2e;

import static dev.coracle.e2e.PlayedNamespace.await;
import static dev.coracle.e2e.PlayedNamespace.controllers;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people expect of the pods and claims of a StatefulSet. */
class StatefulPodsIT {

    private static final String CLAIM_TEMPLATE =
            "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce],"
                    + " resources: {requests: {storage: 1Mi}}}}]";

    private final PlayedNamespace namespace = new PlayedNamespace("statefulpods");

    private StatefulSet create(int replicas, String... lines) {
        return namespace.create(
                StatefulSet.class,
                """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: ss}
                spec:
                  serviceName: test
                  replicas: %d
                  selector: {matchLabels: {app: ss}}
                  template:
                    metadata: {labels: {app: ss}}
                    spec: {containers: [{name: main, image: first}]}
                  %s
                """
                        .formatted(replicas, String.join("\n  ", lines)));
    }

    private StatefulSetStatus status() {
        return namespace
                .client()
                .apps()
                .statefulSets()
                .inNamespace(namespace.name())
                .withName("ss")
                .get()
                .getStatus();
    }

    private void awaitReady(int replicas) {
        await(() -> {
            assertThat(status().getReplicas()).isEqualTo(replicas);
            assertThat(status().getReadyReplicas()).isEqualTo(replicas);
        });
    }

    private Pod pod(String name) {
        return namespace.client().pods().inNamespace(namespace.name()).withName(name).get();
    }

    private void label(String pod, String value) {
        PlayedNamespace.change(
                namespace.client().pods().inNamespace(namespace.name()).withName(pod),
                "labels",
                "app",
                value);
    }

    private List<PersistentVolumeClaim> claims() {
        return namespace
                .client()
                .persistentVolumeClaims()
                .inNamespace(namespace.name())
                .list()
                .getItems();
    }

    private static String claims(String policy) {
        return "persistentVolumeClaimRetentionPolicy: " + policy;
    }

    @Test
    void takesItsPodsBackAndLetsGoThoseThatDoNotMatch() {
        create(1);
        awaitReady(1);
        String uid = pod("ss-0").getMetadata().getUid();
        namespace.kubectl("delete", "sts/ss", "--cascade=orphan");
        await(() -> assertThat(controllers(pod("ss-0"))).isEmpty());
        create(1);
        await(() -> assertThat(controllers(pod("ss-0"))).containsExactly("ss"));
        label("ss-0", "free");
        await(() -> assertThat(controllers(pod("ss-0"))).isEmpty());
        label("ss-0", "ss");
        await(() -> assertThat(controllers(pod("ss-0"))).containsExactly("ss"));
        awaitReady(1);
        assertThat(pod("ss-0").getMetadata().getUid()).isEqualTo(uid);
    }

    /** As just after an earlier set of this name let go of it, before everybody has seen that. */
    @Test
    void goesOnWithARevisionThatIsNotItsOwnYet() {
        create(1);
        awaitReady(1);
        String uid = pod("ss-0").getMetadata().getUid();
        String revision = status().getUpdateRevision();
        namespace.kubectl("create", "configmap", "other");
        String other = namespace.kubectl("get", "cm/other", "-o", "jsonpath={.metadata.uid}");
        namespace.kubectl("delete", "sts/ss", "--cascade=orphan");
        namespace.kubectl(
                "patch",
                "controllerrevision/" + revision,
                "-p",
                """
                {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"other",
                "uid":"%s","controller":true}]}}
                """
                        .formatted(other));
        create(1);
        await(() -> assertThat(controllers(pod("ss-0"))).containsExactly("ss"));
        awaitReady(1);
        assertThat(status().getUpdateRevision()).isEqualTo(revision);
        assertThat(pod("ss-0").getMetadata().getUid()).isEqualTo(uid);
    }

    @Test
    void countsPodsAsAvailableWhenTheyWereReadyForLongEnough() {
        create(2, "minReadySeconds: 3", "podManagementPolicy: Parallel");
        awaitReady(2);
        assertThat(status().getAvailableReplicas()).isZero();
        await(() -> assertThat(status().getAvailableReplicas()).isEqualTo(2));
    }

    @Test
    void restoresTheLabelsOfAnOrdinal() {
        create(1);
        awaitReady(1);
        PlayedNamespace.change(
                namespace.client().pods().inNamespace(namespace.name()).withName("ss-0"),
                "labels",
                "apps.kubernetes.io/pod-index",
                "");
        await(() ->
                assertThat(pod("ss-0").getMetadata().getLabels())
                        .containsEntry("apps.kubernetes.io/pod-index", "0")
                        .containsEntry("statefulset.kubernetes.io/pod-name", "ss-0"));
    }

    @Test
    void deletesClaimsWithTheSet() {
        create(2, claims("{whenDeleted: Delete, whenScaled: Retain}"), CLAIM_TEMPLATE);
        awaitReady(2);
        await(() ->
                assertThat(claims())
                        .hasSize(2)
                        .allSatisfy(claim -> {
                            assertThat(claim.getStatus().getPhase()).isEqualTo("Bound");
                            assertThat(claim.getMetadata().getLabels()).containsEntry("app", "ss");
                            assertThat(controllers(claim)).containsExactly("ss");
                        }));
        namespace.kubectl("scale", "sts/ss", "--replicas=1");
        awaitReady(1);
        assertThat(claims()).hasSize(2);
        namespace.kubectl("delete", "sts/ss");
        await(() -> assertThat(claims()).isEmpty());
    }

    @Test
    void deletesClaimsOfPodsThatAreScaledAway() {
        create(2, claims("{whenDeleted: Retain, whenScaled: Delete}"), CLAIM_TEMPLATE);
        awaitReady(2);
        assertThat(claims())
                .hasSize(2)
                .allSatisfy(claim -> assertThat(controllers(claim)).isEmpty());
        namespace.kubectl("scale", "sts/ss", "--replicas=1");
        await(() ->
                assertThat(claims())
                        .extracting(claim -> claim.getMetadata().getName())
                        .containsExactly("data-ss-0"));
        namespace.kubectl("delete", "sts/ss");
        await(() -> assertThat(namespace.pods("app", "ss")).isEmpty());
        assertThat(claims()).hasSize(1);
    }

    @Test
    void leavesClaimsThatAnotherControls() {
        ConfigMap owner =
                namespace.create(
                        ConfigMap.class,
                        """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: owner}
                        """);
        var _ =
                namespace.create(
                        PersistentVolumeClaim.class,
                        """
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata:
                          name: data-ss-0
                          ownerReferences:
                          - {apiVersion: v1, kind: ConfigMap, name: owner, controller: true, uid: %s}
                        spec:
                          accessModes: [ReadWriteOnce]
                          resources: {requests: {storage: 1Mi}}
                        """
                                .formatted(owner.getMetadata().getUid()));
        StatefulSet set =
                create(1, claims("{whenDeleted: Delete, whenScaled: Retain}"), CLAIM_TEMPLATE);
        awaitReady(1);
        await(() ->
                assertThat(namespace.events(set))
                        .anyMatch(event -> event.startsWith("ConflictingController: ")));
        assertThat(claims())
                .singleElement()
                .satisfies(claim -> assertThat(controllers(claim)).containsExactly("owner"));
    }
}
