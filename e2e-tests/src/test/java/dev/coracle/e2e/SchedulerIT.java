package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.MERGE;
import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.condition;
import static dev.coracle.e2e.NamespaceApi.nameOf;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.NamespaceApi.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The scheduler, with what Kubernetes' own tests of sig-scheduling look at: room is counted in a
 * resource of the test's own, so that nothing else on the nodes has a part in it.
 */
class SchedulerIT {

    private static final String CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses";
    private static final List<String> NODES = List.of("played-1", "played-2", "played-3");

    private final NamespaceApi namespace = NamespaceApi.create("sched");
    private final String resource = "scheduling.k8s.io/" + namespace.name();

    @BeforeEach
    void offerFive() {
        for (String node : NODES) {
            patchNode(
                    node,
                    "[{\"op\":\"add\",\"path\":\"/status/capacity/%1$s\",\"value\":\"5\"},{\"op\":\"add\",\"path\":\"/status/allocatable/%1$s\",\"value\":\"5\"}]");
        }
    }

    @AfterEach
    void offerNone() {
        for (JsonNode pod : namespace.list("pods", "")) {
            namespace.send(
                    "DELETE", namespace.path("pods") + "/" + nameOf(pod), "application/json", "{}");
        }
        for (String node : NODES) {
            patchNode(
                    node,
                    "[{\"op\":\"remove\",\"path\":\"/status/capacity/%1$s\"},{\"op\":\"remove\",\"path\":\"/status/allocatable/%1$s\"}]");
        }
        namespace.ok(
                "DELETE",
                CLASSES + "?labelSelector=run=" + namespace.name(),
                "application/json",
                "{}");
    }

    private void patchNode(String node, String patch) {
        namespace.ok(
                "PATCH",
                "/api/v1/nodes/" + node + "/status",
                "application/json-patch+json",
                patch.formatted(resource.replace("/", "~1")));
    }

    private String priority(String name, int value) {
        String full = namespace.name() + "-" + name;
        namespace.ok(
                "POST",
                CLASSES,
                "application/yaml",
                "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: %s, labels: {run: %s}}, value: %d}"
                        .formatted(full, namespace.name(), value));
        return full;
    }

    private String pod(String name, String spec, int amount) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s}
        spec:
          terminationGracePeriodSeconds: 0
          %2$s
          containers:
          - {name: c, image: x, resources: {requests: {%3$s: %4$d}, limits: {%3$s: %4$d}}}
        """
                .formatted(name, spec, resource, amount);
    }

    private void awaitRunning(String name) {
        namespace.awaitField("pods", name, "/status/phase", "Running");
    }

    @Test
    void holdsPodsToWhatNodesOffer() {
        for (String node : NODES) {
            namespace.create("pods", pod("fill-" + node, "", 4));
        }
        for (String node : NODES) {
            awaitRunning("fill-" + node);
        }
        assertThat(namespace.list("pods", "").stream().map(pod -> text(pod, "/spec/nodeName")))
                .containsExactlyInAnyOrderElementsOf(NODES);
        namespace.create("pods", pod("additional", "", 2));
        namespace.awaitEvent("additional", "FailedScheduling", "3 Insufficient " + resource);
        JsonNode waiting = namespace.get("pods", "additional");
        assertThat(text(waiting, "/status/phase")).isEqualTo("Pending");
        assertThat(text(condition(waiting, "PodScheduled"), "/status")).isEqualTo("False");
        assertThat(text(condition(waiting, "PodScheduled"), "/reason")).isEqualTo("Unschedulable");
        namespace.delete("pods", "fill-played-1", "");
        awaitRunning("additional");
        JsonNode placed = namespace.get("pods", "additional");
        assertThat(text(condition(placed, "PodScheduled"), "/status")).isEqualTo("True");
        namespace.awaitEvent(
                "additional", "Scheduled", "Successfully assigned " + namespace.name());
    }

    @Test
    void respectsNodeSelectors() {
        String label = "e2e/" + namespace.name();
        String selecting = "nodeSelector: {\"%s\": \"42\"}".formatted(label);
        namespace.create("pods", pod("picky", selecting, 1));
        namespace.awaitEvent(
                "picky", "FailedScheduling", "3 node(s) didn't match Pod's node affinity/selector");
        labelNode(label, "\"42\"");
        try {
            awaitRunning("picky");
            assertThat(text(namespace.get("pods", "picky"), "/spec/nodeName"))
                    .isEqualTo("played-2");
        } finally {
            labelNode(label, "null");
        }
    }

    private void labelNode(String label, String value) {
        namespace.ok(
                "PATCH",
                "/api/v1/nodes/played-2",
                MERGE,
                "{\"metadata\":{\"labels\":{\"%s\":%s}}}".formatted(label, value));
    }

    @Test
    void keepsHostPortsApart() {
        String port = "ports: [{containerPort: 80, hostPort: 54322, hostIP: %s, protocol: %s}]";
        String node = "nodeSelector: {kubernetes.io/hostname: played-3}";
        onPort("everywhere", node, port.formatted("0.0.0.0", "TCP"));
        awaitRunning("everywhere");
        onPort("clash", node, port.formatted("127.0.0.1", "TCP"));
        namespace.awaitEvent(
                "clash",
                "FailedScheduling",
                "1 node(s) didn't have free ports for the requested pod ports");
        onPort("other", node, port.formatted("127.0.0.1", "UDP"));
        awaitRunning("other");
    }

    private void onPort(String name, String spec, String ports) {
        namespace.create(
                "pods", pod(name, spec, 1).replace("image: x,", "image: x, " + ports + ","));
    }

    @Test
    void makesRoomForHigherPriority() {
        String low = priority("low", 1);
        String medium = priority("medium", 100);
        String high = priority("high", 1000);
        int i = 0;
        for (String node : NODES) {
            String where = "nodeSelector: {kubernetes.io/hostname: %s}\n  ".formatted(node);
            namespace.create(
                    "pods",
                    pod("v" + i, where + "priorityClassName: " + (i == 1 ? low : medium), 4));
            i++;
        }
        awaitRunning("v0");
        awaitRunning("v1");
        awaitRunning("v2");
        WatchedObjects watched = WatchedObjects.follow(namespace, namespace.path("pods"), "");
        namespace.create("pods", pod("preemptor", "priorityClassName: " + high, 3));
        awaitRunning("preemptor");
        namespace.awaitGone("pods", "v1");
        assertThat(text(namespace.get("pods", "preemptor"), "/spec/nodeName"))
                .isEqualTo("played-2");
        assertThat(text(namespace.get("pods", "preemptor"), "/spec/priority")).isEqualTo("1000");
        assertThat(text(namespace.get("pods", "v0"), "/metadata/deletionTimestamp")).isEmpty();
        assertThat(text(namespace.get("pods", "v2"), "/metadata/deletionTimestamp")).isEmpty();
        namespace.awaitEvent("v1", "Preempted", "Preempted by pod");
        watched.await(
                "MODIFIED v1",
                pod -> {
                    JsonNode target = condition(pod, "DisruptionTarget");
                    return text(target, "/status").equals("True")
                            && text(target, "/reason").equals("PreemptionByScheduler");
                });
    }

    @Test
    void makesRoomForACriticalPod() {
        String medium = priority("medium", 100);
        for (int i = 0; i < 3; i++) {
            namespace.create("pods", pod("m" + i, "priorityClassName: " + medium, 4));
        }
        for (int i = 0; i < 3; i++) {
            awaitRunning("m" + i);
        }
        String name = "critical-" + namespace.name();
        String path = "/api/v1/namespaces/kube-system/pods";
        namespace.ok(
                "POST",
                path,
                "application/yaml",
                pod(name, "priorityClassName: system-cluster-critical", 3));
        try {
            Await.until(
                    PATIENCE,
                    () ->
                            assertThat(
                                            text(
                                                    namespace.ok(
                                                            "GET",
                                                            path + "/" + name,
                                                            "application/json",
                                                            ""),
                                                    "/status/phase"))
                                    .isEqualTo("Running"));
            assertThat(namespace.list("pods", "")).hasSize(2);
        } finally {
            namespace.ok("DELETE", path + "/" + name, "application/json", "{}");
        }
    }

    /** A pod that a finalizer holds shows why it went. */
    @Test
    void tellsThePodWhyItWent() {
        String high = priority("high", 1000);
        String low = priority("low", 1);
        String node = "nodeSelector: {kubernetes.io/hostname: played-1}\n  priorityClassName: ";
        namespace.create(
                "pods",
                pod("victim", node + low, 5)
                        .replace(
                                "{name: victim}",
                                "{name: victim, finalizers: [example.com/test]}"));
        awaitRunning("victim");
        namespace.create("pods", pod("preemptor", node + high, 5));
        namespace.awaitCondition("pods", "victim", "DisruptionTarget", "PreemptionByScheduler");
        assertThat(text(condition(namespace.get("pods", "victim"), "DisruptionTarget"), "/message"))
                .isEqualTo("default-scheduler: preempting to accommodate a higher priority pod");
        namespace.merge("pods", "victim", "{\"metadata\":{\"finalizers\":null}}");
        awaitRunning("preemptor");
    }

    @Test
    void preemptsPodsOfReplicaSets() {
        for (int i = 1; i <= 4; i++) {
            priority("p" + i, i);
        }
        replicaSet("rs1", "p1", 3);
        replicaSet("rs2", "p2", 1);
        replicaSet("rs3", "p3", 1);
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.list("pods", ""))
                                .hasSize(5)
                                .allSatisfy(pod ->
                                        assertThat(text(pod, "/status/phase"))
                                                .isEqualTo("Running")));
        namespace.create(
                "pods",
                pod(
                        "pod4",
                        "nodeSelector: {kubernetes.io/hostname: played-1}\n  priorityClassName: %s-p4"
                                .formatted(namespace.name()),
                        2));
        awaitRunning("pod4");
        // those of the lowest priority went, and their replacements wait
        namespace.awaitField("replicasets", "rs1", "/status/availableReplicas", "1");
        namespace.awaitField("replicasets", "rs1", "/status/replicas", "3");
        assertThat(text(namespace.get("replicasets", "rs2"), "/status/availableReplicas"))
                .isEqualTo("1");
        assertThat(text(namespace.get("replicasets", "rs3"), "/status/availableReplicas"))
                .isEqualTo("1");
        for (String name : List.of("rs1", "rs2", "rs3")) {
            namespace.delete("replicasets", name, "Background");
        }
    }

    private void replicaSet(String name, String priority, int replicas) {
        namespace.create(
                "replicasets",
                """
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: %1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {name: %1$s}}
                  template:
                    metadata: {labels: {name: %1$s}}
                    spec:
                      terminationGracePeriodSeconds: 0
                      nodeSelector: {kubernetes.io/hostname: played-1}
                      priorityClassName: %3$s-%4$s
                      containers: [{name: c, image: x, resources: {requests: {%5$s: 1}, limits: {%5$s: 1}}}]
                """
                        .formatted(name, replicas, namespace.name(), priority, resource));
    }

    @Test
    void servesPriorityClasses() {
        String name = priority("fixed", 7);
        for (String type : List.of(MERGE, NamespaceApi.STRATEGIC)) {
            Answer refused = namespace.send("PATCH", CLASSES + "/" + name, type, "{\"value\":8}");
            assertThat(refused.code()).isEqualTo(422);
            assertThat(refused.reason()).isEqualTo("Invalid");
            assertThat(refused.message()).contains("may not be changed in an update.");
        }
        JsonNode described =
                namespace.ok("PATCH", CLASSES + "/" + name, MERGE, "{\"description\":\"updated\"}");
        assertThat(text(described, "/description")).isEqualTo("updated");
        assertThat(text(described, "/value")).isEqualTo("7");
        new ApiOperations(NamespaceApi.create("classes"), CLASSES, CLASSES)
                .check("apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nvalue: 3\n", "");
    }
}
