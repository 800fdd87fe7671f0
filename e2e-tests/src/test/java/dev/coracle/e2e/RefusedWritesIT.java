package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What an admission policy does not let controllers do: they say so, and go on when they may. */
class RefusedWritesIT {

    private static final String REGISTRATION = "/apis/admissionregistration.k8s.io/v1/";
    private final NamespaceApi namespace = NamespaceApi.create("refused");

    private static final String DELETIONS =
            "{apiGroups: ['', batch], apiVersions: [v1], operations: [DELETE], resources: [pods, jobs]}";

    private void refuse(String rule, String unless) {
        namespace.ok(
                "POST",
                REGISTRATION + "validatingadmissionpolicies",
                "application/yaml",
                """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %s}
                spec:
                  matchConstraints:
                    resourceRules:
                    - %s
                  validations: [{expression: "%s", message: not here}]
                """
                        .formatted(namespace.name(), rule, unless));
        namespace.ok(
                "POST",
                REGISTRATION + "validatingadmissionpolicybindings",
                "application/yaml",
                """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %1$s}
                spec:
                  policyName: %1$s
                  validationActions: [Deny]
                  matchResources:
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                """
                        .formatted(namespace.name()));
    }

    @AfterEach
    void letGo() {
        for (String plural :
                List.of("validatingadmissionpolicybindings", "validatingadmissionpolicies")) {
            namespace.send(
                    "DELETE",
                    REGISTRATION + plural + "/" + namespace.name(),
                    "application/json",
                    "{}");
        }
    }

    private void workload(String apiVersion, String kind, String plural, String spec) {
        String name = kind.toLowerCase(java.util.Locale.ROOT);
        namespace.create(
                plural,
                """
                apiVersion: %1$s
                kind: %2$s
                metadata: {name: %3$s}
                spec:
                  template:
                    metadata: {labels: {of: %3$s}}
                    spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
                  %4$s
                """
                        .formatted(apiVersion, kind, name, spec));
    }

    private void awaitPod(String name) {
        Await.until(PATIENCE, () -> assertThat(namespace.list("pods", "of=" + name)).hasSize(1));
    }

    private void awaitFailure(String plural, String name) {
        Await.until(
                PATIENCE,
                () -> {
                    JsonNode failure =
                            NamespaceApi.condition(namespace.get(plural, name), "ReplicaFailure");
                    assertThat(text(failure, "/reason")).isEqualTo("FailedDelete");
                    assertThat(text(failure, "/message"))
                            .startsWith("unable to delete pods: pods \"" + name + "-")
                            .endsWith("denied request: not here");
                });
    }

    @Test
    void tellsOfPodsThatStay() {
        String selector = "selector: {matchLabels: {of: %s}}\n  ";
        workload("apps/v1", "ReplicaSet", "replicasets", selector.formatted("replicaset"));
        workload(
                "v1",
                "ReplicationController",
                "replicationcontrollers",
                "selector: {of: replicationcontroller}");
        workload(
                "apps/v1",
                "StatefulSet",
                "statefulsets",
                selector.formatted("statefulset") + "serviceName: none");
        workload("apps/v1", "DaemonSet", "daemonsets", selector.formatted("daemonset"));
        namespace.create(
                "jobs",
                """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: job}
                spec: {template: {metadata: {labels: {of: job}}, spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}
                """);
        for (String name : List.of("replicaset", "replicationcontroller", "statefulset", "job")) {
            awaitPod(name);
        }
        Await.until(PATIENCE, () -> assertThat(namespace.list("pods", "of=daemonset")).hasSize(3));
        refuse(DELETIONS, "false");

        String none = "{\"spec\":{\"replicas\":0}}";
        namespace.merge("replicasets", "replicaset", none);
        namespace.merge("replicationcontrollers", "replicationcontroller", none);
        namespace.merge("statefulsets", "statefulset", none);
        namespace.merge("jobs", "job", "{\"spec\":{\"suspend\":true}}");
        namespace.merge(
                "daemonsets",
                "daemonset",
                "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"no\":\"node\"}}}}}");

        for (String name : List.of("replicaset", "replicationcontroller", "daemonset", "job")) {
            namespace.awaitEvent(name, "FailedDelete", "Error deleting: pods \"" + name + "-");
        }
        namespace.awaitEvent(
                "statefulset",
                "FailedDelete",
                "delete Pod statefulset-0 in StatefulSet statefulset failed error: pods"
                        + " \"statefulset-0\" is forbidden: ValidatingAdmissionPolicy");
        awaitFailure("replicasets", "replicaset");
        awaitFailure("replicationcontrollers", "replicationcontroller");

        letGo();
        for (String name :
                List.of("replicaset", "replicationcontroller", "statefulset", "daemonset", "job")) {
            Await.until(PATIENCE, () -> assertThat(namespace.list("pods", "of=" + name)).isEmpty());
        }
        namespace.awaitEvent("replicaset", "SuccessfulDelete", "Deleted pod: replicaset-");
        namespace.awaitField("replicasets", "replicaset", "/status/conditions", "");
    }

    @Test
    void tellsOfJobsThatStay() {
        namespace.create(
                "cronjobs",
                """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: cron}
                spec:
                  schedule: "0 0 29 2 *"
                  successfulJobsHistoryLimit: 0
                  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}
                """);
        refuse(DELETIONS, "false");
        namespace.create(
                "jobs",
                """
                apiVersion: batch/v1
                kind: Job
                metadata:
                  name: done
                  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: cron, uid: %s, controller: true}]
                spec:
                  template:
                    metadata: {annotations: {played/exit-code: "0"}}
                    spec: {restartPolicy: Never, containers: [{name: c, image: x}]}
                """
                        .formatted(text(namespace.get("cronjobs", "cron"), "/metadata/uid")));
        namespace.awaitEvent(
                "cron", "FailedDelete", "Deleted job: jobs.batch \"done\" is forbidden");
        assertThat(namespace.exists("jobs", "done")).isTrue();
    }

    @Test
    void tellsOfEndpointsThatCannotBeMade() {
        refuse(
                "{apiGroups: ['', discovery.k8s.io], apiVersions: [v1], operations: [CREATE],"
                        + " resources: [endpoints, endpointslices]}",
                "object.metadata.name != 'old' && !(has(object.metadata.generateName) &&"
                        + " object.metadata.generateName.startsWith('new-'))");
        for (String name : List.of("old", "new")) {
            namespace.create(
                    "services",
                    "{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: {selector: {a: b}, ports: [{port: 80}]}}"
                            .formatted(name));
        }
        namespace.awaitEvent(
                "new",
                "FailedToUpdateEndpointSlices",
                "Error updating Endpoint Slices for Service %s/new: endpointslices.discovery.k8s.io"
                        .formatted(namespace.name()));
        namespace.awaitEvent(
                "old",
                "FailedToCreateEndpoint",
                "Failed to create endpoint for service %s/old: endpoints \"old\" is forbidden"
                        .formatted(namespace.name()));
    }
}
