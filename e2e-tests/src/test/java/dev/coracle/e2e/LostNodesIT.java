package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.MERGE;
import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.condition;
import static dev.coracle.e2e.NamespaceApi.nameOf;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Pods whose node is taken from them, with what Kubernetes' own tests of sig-node and sig-apps look
 * at. The node is an object that nobody plays.
 */
class LostNodesIT {

    private static final String NODES = "/api/v1/nodes";

    private final NamespaceApi namespace = NamespaceApi.create("lost");
    private final String node = namespace.name();

    private void addNode() {
        namespace.ok(
                "POST",
                NODES,
                "application/yaml",
                """
                apiVersion: v1
                kind: Node
                metadata: {name: %1$s, labels: {kubernetes.io/hostname: %1$s}}
                spec: {taints: [{key: only, value: %1$s, effect: NoSchedule}]}
                """
                        .formatted(node));
        namespace.ok(
                "PATCH",
                NODES + "/" + node + "/status",
                MERGE,
                """
                {"status":{"allocatable":{"cpu":"8","memory":"8Gi","pods":"20"},
                 "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady"}]}}
                """);
    }

    @AfterEach
    void removeNode() {
        namespace.send("DELETE", NODES + "/" + node, "application/json", "{}");
    }

    private void pod(String name, String tolerations) {
        namespace.create(
                "pods",
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, finalizers: [example.com/test]}
                spec:
                  nodeName: %s
                  tolerations: [%s]
                  containers: [{name: c, image: x}]
                """
                        .formatted(name, node, tolerations));
        run(name);
    }

    private void run(String name) {
        namespace.mergeStatus(
                "pods",
                name,
                "{\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
    }

    private void awaitNodeEvent(String reason, String message) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        namespace
                                                .ok(
                                                        "GET",
                                                        "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name="
                                                                + node,
                                                        "application/json",
                                                        "")
                                                .path("items")
                                                .valueStream()
                                                .map(event ->
                                                        text(event, "/reason")
                                                                + ": "
                                                                + text(event, "/message")))
                                .contains(reason + ": Node " + node + " event: " + message));
    }

    @Test
    void tellsOfNodesThatComeAndGo() {
        addNode();
        awaitNodeEvent("RegisteredNode", "Registered Node " + node + " in Controller");
        removeNode();
        awaitNodeEvent("RemovingNode", "Removing Node " + node + " from Controller");
    }

    @Test
    void evictsPodsThatDoNotTolerateATaint() {
        addNode();
        pod("plain", "");
        pod("tolerant", "{key: kubernetes.io/e2e, operator: Exists, effect: NoExecute}");
        pod(
                "finite",
                "{key: kubernetes.io/e2e, operator: Exists, effect: NoExecute, tolerationSeconds: 1}");
        namespace.ok(
                "PATCH",
                NODES + "/" + node,
                NamespaceApi.STRATEGIC,
                "{\"spec\":{\"taints\":[{\"key\":\"kubernetes.io/e2e\",\"value\":\"evict\",\"effect\":\"NoExecute\"}]}}");
        for (String name : List.of("plain", "finite")) {
            namespace.awaitCondition("pods", name, "DisruptionTarget", "DeletionByTaintManager");
            Await.until(
                    PATIENCE,
                    () ->
                            assertThat(
                                            text(
                                                    namespace.get("pods", name),
                                                    "/metadata/deletionTimestamp"))
                                    .isNotEmpty());
            namespace.awaitEvent(
                    name,
                    "TaintManagerEviction",
                    "Marking for deletion Pod " + namespace.name() + "/" + name);
        }
        assertThat(text(namespace.get("pods", "tolerant"), "/metadata/deletionTimestamp"))
                .isEmpty();
        for (String name : List.of("plain", "finite", "tolerant")) {
            namespace.merge("pods", name, "{\"metadata\":{\"finalizers\":null}}");
        }
    }

    /** Such a Job makes another pod only when it knows that the first one has failed. */
    private void job(String name, String spec) {
        namespace.create(
                "jobs",
                """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: %s}
                spec:
                  backoffLimit: 0
                  podReplacementPolicy: Failed
                  podFailurePolicy:
                    rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]
                  template:
                    spec:
                      restartPolicy: Never
                      %s
                      containers: [{name: c, image: x}]
                """
                        .formatted(name, spec));
    }

    private JsonNode awaitPod(String job) {
        Await.until(
                PATIENCE, () -> assertThat(namespace.list("pods", "job-name=" + job)).hasSize(1));
        return namespace.list("pods", "job-name=" + job).getFirst();
    }

    @Test
    void letsPodsOfALostNodeHaveFailed() {
        addNode();
        job(
                "moves",
                "tolerations: [{key: only, operator: Exists}]\n      nodeSelector: {kubernetes.io/hostname: %s}"
                        .formatted(node));
        String pod = nameOf(awaitPod("moves"));
        namespace.awaitField("pods", pod, "/spec/nodeName", node);
        run(pod);
        namespace.awaitField("jobs", "moves", "/status/ready", "1");
        WatchedObjects watched =
                WatchedObjects.follow(namespace, namespace.path("pods"), "job-name=moves");
        namespace.ok("DELETE", NODES + "/" + node, "application/json", "{}");
        watched.await(
                "MODIFIED " + pod,
                object -> {
                    JsonNode target = condition(object, "DisruptionTarget");
                    return text(object, "/status/phase").equals("Failed")
                            && text(target, "/reason").equals("DeletionByPodGC")
                            && text(target, "/message").equals("PodGC: node no longer exists");
                });
        namespace.awaitGone("pods", pod);
        assertThat(nameOf(awaitPod("moves"))).isNotEqualTo(pod);
        assertThat(text(namespace.get("jobs", "moves"), "/status/failed")).isEmpty();
    }

    @Test
    void letsAPodThatNeverHadANodeHaveFailed() {
        job("nowhere", "nodeSelector: {kubernetes.io/hostname: none}");
        String pod = nameOf(awaitPod("nowhere"));
        WatchedObjects watched =
                WatchedObjects.follow(namespace, namespace.path("pods"), "job-name=nowhere");
        namespace.delete("pods", pod, "");
        watched.await("MODIFIED " + pod, object -> text(object, "/status/phase").equals("Failed"));
        namespace.awaitGone("pods", pod);
        namespace.awaitCondition("jobs", "nowhere", "Failed", "BackoffLimitExceeded");
    }
}
