package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What kubectl shows of the controllers of pods. */
@ResourceLock(Cluster.HOST)
class WorkloadsIT {

    private final Cluster cluster = Cluster.with("--proxy", "nftables");
    private final String namespace = cluster.newNamespace("workloads");

    @Test
    void keepsTheReplicasOfAReplicationController() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: ReplicationController
                metadata: {name: old}
                spec:
                  replicas: 2
                  selector: {app: old}
                  template:
                    metadata: {labels: {app: old}}
                    spec:
                      terminationGracePeriodSeconds: 0
                      containers: [{name: main, image: coracle/host, command: [sleep, infinity]}]
                """);
        await("rc/old", "jsonpath={.status.readyReplicas}=2");
        run("create", "pdb", "old", "--selector=app=old", "--min-available=2");
        await("pdb/old", "jsonpath={.status.currentHealthy}=2");
        assertThat(evict(names("app=old").getFirst()).output())
                .contains("Cannot evict pod as it would violate the pod's disruption budget.");
        run("scale", "rc/old", "--replicas=3");
        await("pdb/old", "jsonpath={.status.disruptionsAllowed}=1");
        evict(names("app=old").getFirst()).orFail();
        run("scale", "rc/old", "--replicas=1");
        await("rc/old", "jsonpath={.status.replicas}=1");
        String pod = names("app=old").getFirst();
        run("label", "pod", pod, "app=free", "--overwrite");
        Await.until(Duration.ofSeconds(30), () -> assertThat(names("app=old")).hasSize(1));
        assertThat(cluster.get(namespace, "pod/" + pod, "{.metadata.ownerReferences}")).isEmpty();
        assertThat(run("describe", "rc/old")).contains("SuccessfulCreate", "Created pod: old-");
    }

    @Test
    void rollsAStatefulSetForwardAndBack() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Service
                metadata: {name: db}
                spec: {clusterIP: None, selector: {app: db}, ports: [{port: 8080}]}
                ---
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: db}
                spec:
                  serviceName: db
                  replicas: 2
                  selector: {matchLabels: {app: db}}
                  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
                  template:
                    metadata: {labels: {app: db}}
                    spec:
                      terminationGracePeriodSeconds: 0
                      containers:
                      - name: main
                        image: coracle/host
                        env: [{name: GENERATION, value: one}]
                        command:
                        - sh
                        - -c
                        - "echo $HOSTNAME $GENERATION >> /data/starts; exec sleep infinity"
                        volumeMounts: [{name: data, mountPath: /data}]
                  volumeClaimTemplates:
                  - metadata: {name: data}
                    spec:
                      accessModes: [ReadWriteOnce]
                      resources: {requests: {storage: 1Mi}}
                """);
        assertThat(run("rollout", "status", "sts/db", "--timeout=60s"))
                .contains("partitioned roll out complete: 2 new pods have been updated");
        assertThat(names("app=db")).containsExactly("db-0", "db-1");
        assertThat(names("pvc", "app=db")).containsExactly("data-db-0", "data-db-1");
        assertThat(
                        cluster.get(
                                namespace,
                                "pod/db-1",
                                "{.metadata.labels.apps\\.kubernetes\\.io/pod-index}"))
                .isEqualTo("1");
        String address = cluster.get(namespace, "pod/db-1", "{.status.podIP}");
        Await.until(
                Duration.ofSeconds(10),
                () ->
                        assertThat(run("exec", "db-0", "--", "getent", "ahostsv4", "db-1.db"))
                                .startsWith(address));

        run("set", "env", "sts/db", "GENERATION=two");
        run("rollout", "status", "sts/db", "--timeout=60s");
        assertThat(run("exec", "db-1", "--", "cat", "/data/starts"))
                .isEqualTo("db-1 one\ndb-1 two\n");
        assertThat(run("rollout", "history", "sts/db")).contains("1 ", "2 ");
        run("rollout", "undo", "sts/db");
        run("rollout", "status", "sts/db", "--timeout=60s");
        assertThat(run("exec", "db-0", "--", "cat", "/data/starts"))
                .isEqualTo("db-0 one\ndb-0 two\ndb-0 one\n");

        run("scale", "sts/db", "--replicas=1");
        await("pod/db-1", "delete");
        assertThat(names("pvc", "app=db")).containsExactly("data-db-0", "data-db-1");
        run("delete", "sts/db", "--timeout=30s");
        Await.until(Duration.ofSeconds(30), () -> assertThat(names("pvc", "app=db")).isEmpty());
    }

    @Test
    void putsADaemonOnEveryNode() {
        cluster.apply(
                namespace,
                """
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: agent}
                spec:
                  selector: {matchLabels: {app: agent}}
                  template:
                    metadata: {labels: {app: agent}}
                    spec:
                      terminationGracePeriodSeconds: 0
                      containers:
                      - name: main
                        image: coracle/host
                        env: [{name: GENERATION, value: one}]
                        command: [sleep, infinity]
                """);
        assertThat(run("rollout", "status", "ds/agent", "--timeout=60s"))
                .contains("daemon set \"agent\" successfully rolled out");
        String nodes =
                cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")
                        .orFail();
        assertThat(cluster.get(namespace, "pods", "{.items[*].spec.nodeName}").split(" ", -1))
                .containsExactlyInAnyOrder(nodes.split(" ", -1));
        run("set", "env", "ds/agent", "GENERATION=two");
        run("rollout", "status", "ds/agent", "--timeout=60s");
        assertThat(cluster.get(namespace, "pods", "{.items[*].spec.containers[0].env[0].value}"))
                .doesNotContain("one");
        run("rollout", "undo", "ds/agent");
        run("rollout", "status", "ds/agent", "--timeout=60s");
        String node = nodes.split(" ", -1)[0];
        cluster.kubectl("label", "node", node, "daemons=no").orFail();
        try {
            run(
                    "patch",
                    "ds/agent",
                    "-p",
                    """
                    {"spec":{"template":{"spec":{"affinity":{"nodeAffinity":{
                    "requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
                    {"matchExpressions":[{"key":"daemons","operator":"DoesNotExist"}]}]}}}}}}}
                    """);
            run("rollout", "status", "ds/agent", "--timeout=60s");
            Await.until(
                    Duration.ofSeconds(30),
                    () ->
                            assertThat(cluster.get(namespace, "pods", "{.items[*].spec.nodeName}"))
                                    .doesNotContain(node));
        } finally {
            cluster.kubectl("label", "node", node, "daemons-").orFail();
        }
    }

    @Test
    void runsJobsToTheirEnd() {
        cluster.apply(
                namespace,
                """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: each}
                spec:
                  completions: 3
                  parallelism: 2
                  completionMode: Indexed
                  template:
                    spec:
                      restartPolicy: Never
                      containers:
                      - name: main
                        image: coracle/host
                        command: [sh, -c, "echo $JOB_COMPLETION_INDEX $HOSTNAME"]
                ---
                apiVersion: batch/v1
                kind: Job
                metadata: {name: broken}
                spec:
                  backoffLimit: 4
                  podFailurePolicy:
                    rules:
                    - {action: FailJob, onExitCodes: {operator: In, values: [42]}}
                  template:
                    spec:
                      restartPolicy: Never
                      containers:
                      - {name: main, image: coracle/host, command: [sh, -c, "exit 42"]}
                ---
                apiVersion: batch/v1
                kind: Job
                metadata: {name: later}
                spec:
                  suspend: true
                  ttlSecondsAfterFinished: 1
                  template:
                    spec:
                      restartPolicy: OnFailure
                      containers: [{name: main, image: coracle/host, command: ["true"]}]
                """);
        await("job/each", "condition=Complete");
        assertThat(
                        cluster.get(
                                namespace,
                                "job/each",
                                "{.status.succeeded} {.status.completedIndexes}"))
                .isEqualTo("3 0-2");
        assertThat(run("logs", "-l", "job-name=each", "--tail=-1").lines().sorted().toList())
                .containsExactly("0 each-0", "1 each-1", "2 each-2");
        assertThat(cluster.get(namespace, "pods", "{.items[*].metadata.finalizers}")).isEmpty();
        await("job/broken", "condition=Failed");
        assertThat(
                        cluster.get(
                                namespace,
                                "job/broken",
                                "{.status.conditions[?(@.type==\"Failed\")].reason}"
                                        + " {.status.failed}"))
                .isEqualTo("PodFailurePolicy 1");
        assertThat(run("describe", "job/broken")).contains("failed with exit code 42 matching");
        assertThat(run("get", "pods", "-l", "job-name=later")).contains("No resources found");
        run("patch", "job/later", "-p", "{\"spec\":{\"suspend\":false}}");
        await("job/later", "delete");
        run("delete", "job", "each", "broken");
        Await.until(
                Duration.ofSeconds(30),
                () -> assertThat(names("batch.kubernetes.io/job-name")).isEmpty());
    }

    private Shell.Result evict(String pod) {
        Path file = cluster.data().resolve(pod + ".json");
        try {
            Files.writeString(
                    file,
                    "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\""
                            + pod
                            + "\"}}");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return cluster.kubectl(
                "create",
                "--raw",
                "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/eviction",
                "-f",
                file.toString());
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return cluster.kubectl(all).orFail();
    }

    private void await(String object, String condition) {
        run("wait", object, "--for=" + condition, "--timeout=60s");
    }

    private List<String> names(String selector) {
        return names("pods", selector);
    }

    private List<String> names(String kind, String selector) {
        return run("get", kind, "-l", selector, "-o", "name")
                .lines()
                .map(line -> line.substring(line.indexOf('/') + 1))
                .toList();
    }
}
