package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.condition;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.NamespaceApi.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** PodDisruptionBudgets, with what Kubernetes' own tests of sig-apps look at. */
class BudgetsIT {

    private static final String REFUSAL =
            "Cannot evict pod as it would violate the pod's disruption budget.";

    private final NamespaceApi namespace = NamespaceApi.create("budget");

    private void budget(String name, String app, String spec) {
        namespace.create(
                "poddisruptionbudgets",
                """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: %s}
                spec: {selector: {matchLabels: {app: %s}}, %s}
                """
                        .formatted(name, app, spec));
    }

    private void pod(String name, String app, String ready) {
        namespace.create(
                "pods",
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: %s}, annotations: {played/ready: "%s"}}
                spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
                """
                        .formatted(name, app, ready));
    }

    private void replicaSet(String app, int replicas) {
        namespace.create(
                "replicasets",
                """
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: %1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
                """
                        .formatted(app, replicas));
    }

    private void awaitAllowed(String name, String allowed) {
        namespace.awaitField("poddisruptionbudgets", name, "/status/disruptionsAllowed", allowed);
    }

    private void awaitHealthy(String name, int healthy) {
        namespace.awaitField(
                "poddisruptionbudgets", name, "/status/currentHealthy", Integer.toString(healthy));
    }

    @Test
    void blocksAnEvictionUntilItAllowsOne() {
        for (String name : List.of("a", "b", "c")) {
            pod(name, "web", "true");
        }
        budget("web", "web", "minAvailable: 3");
        awaitHealthy("web", 3);
        JsonNode status = namespace.get("poddisruptionbudgets", "web");
        assertThat(text(condition(status, "DisruptionAllowed"), "/status")).isEqualTo("False");
        assertThat(text(condition(status, "DisruptionAllowed"), "/reason"))
                .isEqualTo("InsufficientPods");
        Answer refused = namespace.evict("a");
        assertThat(refused.code()).isEqualTo(429);
        assertThat(refused.reason()).isEqualTo("TooManyRequests");
        assertThat(refused.message()).isEqualTo(REFUSAL);
        assertThat(text(refused.body(), "/details/causes/0"))
                .contains(
                        "\"reason\":\"DisruptionBudget\"",
                        "The disruption budget web needs 3 healthy pods and has 3 currently");

        namespace.merge("poddisruptionbudgets", "web", "{\"spec\":{\"minAvailable\":2}}");
        namespace.awaitCondition(
                "poddisruptionbudgets", "web", "DisruptionAllowed", "SufficientPods");
        assertThat(namespace.evict("a").code()).isEqualTo(201);
        namespace.awaitGone("pods", "a");
        awaitHealthy("web", 2);
        awaitAllowed("web", "0");
        namespace.awaitField("poddisruptionbudgets", "web", "/status/disruptedPods", "");
        namespace.merge("poddisruptionbudgets", "web", "{\"spec\":{\"minAvailable\":3}}");
        namespace.awaitField("poddisruptionbudgets", "web", "/status/desiredHealthy", "3");
        assertThat(namespace.evict("b").code()).isEqualTo(429);
        namespace.delete("poddisruptionbudgets", "web", "");
        assertThat(namespace.evict("b").code()).isEqualTo(201);
        namespace.awaitGone("pods", "b");
    }

    @Test
    void observesItsPods() {
        budget("seen", "seen", "minAvailable: 1");
        namespace.awaitField("poddisruptionbudgets", "seen", "/status/observedGeneration", "1");
        namespace.awaitEvent("seen", "NoPods", "No matching pods found");
        assertThat(
                        text(
                                namespace.get("poddisruptionbudgets", "seen"),
                                "/status/disruptionsAllowed"))
                .isEqualTo("0");
        pod("s1", "seen", "true");
        pod("s2", "seen", "true");
        pod("s3", "seen", "false");
        awaitAllowed("seen", "1");
        namespace.awaitField("poddisruptionbudgets", "seen", "/status/expectedPods", "3");
        JsonNode now = namespace.get("poddisruptionbudgets", "seen");
        assertThat(text(now, "/status/currentHealthy")).isEqualTo("2");
        assertThat(text(now, "/status/desiredHealthy")).isEqualTo("1");
    }

    @Test
    void takesSharesOfWhatControllersWant() {
        replicaSet("ten", 10);
        budget("ten", "ten", "minAvailable: 90%");
        awaitHealthy("ten", 10);
        awaitAllowed("ten", "1");
        namespace.merge("poddisruptionbudgets", "ten", "{\"spec\":{\"minAvailable\":\"100%\"}}");
        awaitAllowed("ten", "0");
        String pod = NamespaceApi.nameOf(namespace.list("pods", "app=ten").getFirst());
        assertThat(namespace.evict(pod).code()).isEqualTo(429);
        namespace.merge(
                "poddisruptionbudgets",
                "ten",
                "{\"spec\":{\"minAvailable\":null,\"maxUnavailable\":\"10%\"}}");
        awaitAllowed("ten", "1");
        assertThat(namespace.evict(pod).code()).isEqualTo(201);
        namespace.awaitGone("pods", pod);
        awaitHealthy("ten", 10);
        namespace.merge("poddisruptionbudgets", "ten", "{\"spec\":{\"maxUnavailable\":0}}");
        awaitAllowed("ten", "0");
        namespace.awaitField("poddisruptionbudgets", "ten", "/status/expectedPods", "10");
    }

    /** Pods without a controller have no number that a share could be taken of. */
    @Test
    void tellsOfPodsWithoutAController() {
        pod("bare", "mixed", "true");
        budget("mixed", "mixed", "maxUnavailable: 1");
        namespace.awaitEvent("mixed", "UnmanagedPods", "were found to be unmanaged");
        namespace.awaitField("poddisruptionbudgets", "mixed", "/status/expectedPods", "0");
        awaitAllowed("mixed", "0");
        namespace.create(
                "jobs",
                """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: strange}
                spec:
                  template:
                    metadata: {labels: {app: mixed}}
                    spec: {restartPolicy: Never, containers: [{name: c, image: x}]}
                """);
        namespace.awaitEvent(
                "mixed",
                "CalculateExpectedPodCountFailed",
                "Failed to calculate the number of expected pods: jobs.batch does not implement"
                        + " the scale subresource");
        JsonNode now = namespace.get("poddisruptionbudgets", "mixed");
        assertThat(text(condition(now, "DisruptionAllowed"), "/reason")).isEqualTo("SyncFailed");
        assertThat(text(condition(now, "DisruptionAllowed"), "/message"))
                .isEqualTo("jobs.batch does not implement the scale subresource");
    }

    @Test
    void letsUnhealthyPodsGo() {
        pod("ill", "frail", "false");
        pod("well", "frail", "true");
        budget("frail", "frail", "minAvailable: 2");
        awaitHealthy("frail", 1);
        assertThat(namespace.evict("ill").code()).isEqualTo(429);
        namespace.merge(
                "poddisruptionbudgets",
                "frail",
                "{\"spec\":{\"unhealthyPodEvictionPolicy\":\"AlwaysAllow\"}}");
        namespace.awaitField("poddisruptionbudgets", "frail", "/status/observedGeneration", "2");
        assertThat(namespace.evict("ill").code()).isEqualTo(201);
        assertThat(namespace.evict("well").code()).isEqualTo(429);
        budget("second", "frail", "maxUnavailable: 1");
        Answer refused = namespace.evict("well");
        assertThat(refused.code()).isEqualTo(500);
        assertThat(refused.message())
                .isEqualTo(
                        "This pod has more than one PodDisruptionBudget, which the eviction"
                                + " subresource does not support.");
    }

    @Test
    void forgetsDisruptionsOfPodsThatAreGone() {
        pod("here", "noted", "true");
        budget("noted", "noted", "minAvailable: 1");
        awaitHealthy("noted", 1);
        String now =
                java.time.Instant.now()
                        .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                        .toString();
        JsonNode updated =
                namespace.mergeStatus(
                        "poddisruptionbudgets",
                        "noted",
                        "{\"status\":{\"disruptedPods\":{\"here\":\"%s\",\"gone\":\"%s\"}}}"
                                .formatted(now, now));
        assertThat(text(updated, "/status/disruptedPods/here")).isEqualTo(now);
        awaitHealthy("noted", 0);
        namespace.awaitField("poddisruptionbudgets", "noted", "/status/disruptedPods/gone", "");
        JsonNode patched =
                namespace.mergeStatus(
                        "poddisruptionbudgets", "noted", "{\"status\":{\"disruptedPods\":null}}");
        assertThat(text(patched, "/status/disruptedPods")).isEmpty();
        awaitHealthy("noted", 1);
    }

    @Test
    void servesEveryVerb() {
        ApiOperations.of(namespace, "poddisruptionbudgets")
                .check(
                        """
                        apiVersion: policy/v1
                        kind: PodDisruptionBudget
                        spec: {minAvailable: 1, selector: {matchLabels: {app: nothing}}}
                        """,
                        "{\"disruptedPods\":{\"p\":\"2026-01-01T00:00:00Z\"}}");
    }
}
