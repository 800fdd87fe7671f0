package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the scheduler puts pods, and what it says. The node is an object that nothing serves. */
class SchedulingIT {

    private static final String POD =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, labels: {app: %s}}
            spec:
              terminationGracePeriodSeconds: 0
              nodeSelector: {pool: %s}
              tolerations: [{operator: Exists}]
              %s
              containers:
              - {name: main, image: coracle/host, resources: {requests: {cpu: "%s"}}}
            """;

    private final ApiServer server = ApiServer.shared();
    private final String namespace = server.newNamespace("sched");

    @BeforeEach
    void addANode() throws IOException {
        create(
                """
                apiVersion: v1
                kind: Node
                metadata: {name: %1$s, labels: {pool: %1$s, kubernetes.io/hostname: %1$s}}
                spec: {taints: [{key: pool, value: %1$s, effect: NoSchedule}]}
                """
                        .formatted(namespace));
        run(
                "patch",
                "node",
                namespace,
                "--subresource=status",
                "-p",
                "{\"status\":{\"allocatable\":{\"cpu\":\"2\",\"memory\":\"1Gi\",\"pods\":\"9\"}}}");
    }

    @AfterEach
    void removeTheNode() {
        run("delete", "pods", "--all", "--force");
        run("delete", "node", namespace);
        run("delete", "priorityclass", namespace, "--ignore-not-found");
    }

    @Test
    void makesRoomForWhatIsMoreImportant() throws IOException {
        create(
                """
                apiVersion: scheduling.k8s.io/v1
                kind: PriorityClass
                metadata: {name: %s}
                value: 1000
                """
                        .formatted(namespace));
        pod("low", "", "2");
        awaitNode("low");
        assertThat(get("low", "{.spec.priority} {.spec.preemptionPolicy}"))
                .isEqualTo("0 PreemptLowerPriority");
        pod("second", "", "1");
        awaitMessage("second", "Insufficient cpu. preemption: 0/");
        pod("high", "priorityClassName: " + namespace, "2");
        awaitNode("high");
        assertThat(get("high", "{.spec.priority}")).isEqualTo("1000");
        assertThat(run("get", "pod", "low", "--ignore-not-found")).isEmpty();
        assertThat(run("get", "events")).contains("Preempted by pod");
        assertThat(apply(POD.formatted("lost", "x", "x", "priorityClassName: none", "1")).output())
                .contains("no PriorityClass with name none was found");
    }

    /** Not bound is not lost: the pod takes no room meanwhile, says why, and is tried again. */
    @Test
    void triesABindingAgainThatWasRefused() throws IOException {
        create(
                """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %1$s}
                spec:
                  matchConstraints:
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                    resourceRules:
                    - {apiGroups: [""], apiVersions: [v1], resources: [pods/binding], operations: ["*"]}
                  validations: [{expression: "request.name != 'held'", message: not yet}]
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %1$s}
                spec: {policyName: %1$s, validationActions: [Deny]}
                """
                        .formatted(namespace));
        try {
            pod("held", "", "2");
            awaitMessage("held", "\"reason\":\"SchedulerError\"");
            awaitMessage("held", "binding rejected: running Bind plugin");
            awaitMessage("held", "not yet");
            assertThat(run("get", "events")).contains("FailedScheduling");
            pod("other", "", "2");
            awaitNode("other");
            run("delete", "pod", "other");
        } finally {
            run("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", namespace);
        }
        awaitNode("held");
    }

    /** Of two that room was being made for on a node, the more important one gets it. */
    @Test
    void withdrawsANominationForOneThatIsMoreImportant() throws IOException {
        for (int value : List.of(1000, 2000)) {
            create(
                    """
                    apiVersion: scheduling.k8s.io/v1
                    kind: PriorityClass
                    metadata: {name: %s-%d}
                    value: %d
                    """
                            .formatted(namespace, value, value));
        }
        // a finalizer keeps it where it is
        pod("low", "", "2");
        run("patch", "pod", "low", "-p", "{\"metadata\":{\"finalizers\":[\"example.com/stay\"]}}");
        awaitNode("low");
        pod("high", "priorityClassName: " + namespace + "-1000", "2");
        awaitNominated("high", namespace);
        pod("higher", "priorityClassName: " + namespace + "-2000", "2");
        awaitNominated("higher", namespace);
        awaitNominated("high", "");
        run("patch", "pod", "low", "-p", "{\"metadata\":{\"finalizers\":null}}");
        awaitNode("higher");
        run("delete", "priorityclass", namespace + "-1000", namespace + "-2000");
    }

    private void awaitNominated(String pod, String node) {
        Await.until(
                Duration.ofSeconds(30),
                () -> assertThat(get(pod, "{.status.nominatedNodeName}")).isEqualTo(node));
    }

    @Test
    void keepsAwayFromOtherPodsAndWaitsForGates() throws IOException {
        pod("first", "", "100m");
        awaitNode("first");
        pod(
                "apart",
                "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution:"
                        + " [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels:"
                        + " {app: first}}}]}}",
                "100m");
        awaitMessage("apart", "didn't match pod anti-affinity rules");
        run("delete", "pod", "first");
        awaitNode("apart");
        pod("gated", "schedulingGates: [{name: example.com/wait}]", "100m");
        assertThat(run("get", "pod", "gated")).contains("SchedulingGated");
        run(
                "patch",
                "pod",
                "gated",
                "--type=json",
                "-p",
                "[{\"op\":\"remove\",\"path\":\"/spec/schedulingGates\"}]");
        awaitNode("gated");
    }

    @Test
    void evictsWhatDoesNotTolerateATaintForLongEnough() throws IOException {
        String tolerations = "tolerations: [{operator: Exists}]";
        pod("stays", "", "1m");
        create(
                POD.replace(tolerations, "tolerations: [{key: pool, operator: Exists}]")
                        .formatted("goes", "goes", namespace, "nodeName: " + namespace, "1m"));
        create(
                POD.replace(
                                tolerations,
                                "tolerations: [{key: pool, operator: Exists}, {key: broken,"
                                        + " operator: Exists, effect:"
                                        + " NoExecute, tolerationSeconds: 3600}]")
                        .formatted("later", "later", namespace, "nodeName: " + namespace, "1m"));
        awaitNode("stays");
        run("taint", "node", namespace, "broken=yes:NoExecute");
        Await.until(
                Duration.ofSeconds(30),
                () -> assertThat(run("get", "pod", "goes", "--ignore-not-found")).isEmpty());
        assertThat(run("get", "events"))
                .contains("Marking for deletion Pod " + namespace + "/goes");
        run("taint", "node", namespace, "broken-");
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(run("get", "events"))
                                .contains("Cancelling deletion of Pod " + namespace + "/later"));
        assertThat(run("get", "pods", "-o", "name")).isEqualTo("pod/later\npod/stays\n");
    }

    @Test
    void holdsPodsToTheLimitsOfTheirNamespace() throws IOException {
        create(
                """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: limits}
                spec:
                  limits:
                  - type: Container
                    min: {cpu: 50m}
                    max: {cpu: "1", memory: 1Gi}
                    default: {memory: 64Mi}
                    maxLimitRequestRatio: {cpu: "4"}
                """);
        pod("filled", "", "500m");
        assertThat(get("filled", "{.spec.containers[0].resources}"))
                .isEqualTo(
                        "{\"limits\":{\"cpu\":\"1\",\"memory\":\"64Mi\"},"
                                + "\"requests\":{\"cpu\":\"500m\",\"memory\":\"64Mi\"}}");
        assertThat(get("filled", "{.metadata.annotations}"))
                .contains(
                        "LimitRanger plugin set: memory request for container main; cpu, memory"
                                + " limit for container main");
        assertThat(apply(POD.formatted("large", "x", "x", "", "2")).output())
                .contains(
                        "pods \"large\" is forbidden: maximum cpu usage per Container is 1, but"
                                + " request is 2");
        assertThat(apply(POD.formatted("small", "x", "x", "", "10m")).output())
                .contains(
                        "minimum cpu usage per Container is 50m, but request is 10m",
                        "cpu max limit to request ratio per Container is 4, but provided ratio is"
                                + " 100.000000");
    }

    private void pod(String name, String more, String cpu) throws IOException {
        create(POD.formatted(name, name, namespace, more, cpu));
    }

    private void awaitNode(String pod) {
        Await.until(
                Duration.ofSeconds(30),
                () -> assertThat(get(pod, "{.spec.nodeName}")).isEqualTo(namespace));
    }

    private void awaitMessage(String pod, String message) {
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(get(pod, "{.status.conditions[?(@.type==\"PodScheduled\")]}"))
                                .contains(message));
    }

    private String get(String pod, String path) {
        return run("get", "pod", pod, "-o", "jsonpath=" + path);
    }

    private void create(String yaml) throws IOException {
        apply(yaml).orFail();
    }

    private Shell.Result apply(String yaml) throws IOException {
        Path file = Files.createTempFile(server.data(), namespace, ".yaml");
        Files.writeString(file, yaml);
        return server.kubectl("-n", namespace, "create", "-f", file.toString());
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return server.kubectl(all).orFail();
    }
}
