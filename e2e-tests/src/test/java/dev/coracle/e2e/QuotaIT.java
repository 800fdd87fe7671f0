package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a namespace may use, held and counted, as kubectl shows it. */
class QuotaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ApiServer server = ApiServer.shared();
    private final String namespace = server.newNamespace("quota");

    @Test
    void holdsPodsToTheirQuota() throws IOException {
        quota(
                "pods",
                "pods: '2', requests.cpu: '1', limits.memory: 1Gi, requests.example.com/toy: '3'");
        awaitUsed("pods", "limits.memory: 0/1Gi", "pods: 0/2, requests.cpu: 0/1");
        assertThat(refusal("run", "bare", "--image=coracle/echo"))
                .contains(
                        "pods \"bare\" is forbidden: failed quota: pods: must specify limits.memory"
                                + " for: bare; requests.cpu for: bare");

        apply(pod("one", "cpu: 700m", "memory: 128Mi"));
        assertThat(printed("pods")).contains("pods: 1/2, requests.cpu: 700m/1", "128Mi/1Gi");
        assertThat(refusal(pod("two", "cpu: 500m", "memory: 1Mi")))
                .contains(
                        "pods \"two\" is forbidden: exceeded quota: pods, requested:"
                                + " requests.cpu=500m, used: requests.cpu=700m, limited:"
                                + " requests.cpu=1");
        assertThat(run("describe", "quota", "pods")).containsPattern("requests.cpu +700m +1\n");

        run("delete", "pod", "one", "--now");
        awaitUsed("pods", "limits.memory: 0/1Gi", "pods: 0/2, requests.cpu: 0/1");
        apply(pod("two", "cpu: 500m", "memory: 1Mi"));
    }

    @Test
    void countsOtherObjects() throws IOException {
        quota(
                "objects",
                "services: '1', services.nodeports: '0', count/deployments.apps: '1', configmaps:"
                        + " '3', persistentvolumeclaims: '1', requests.storage: 1Gi,"
                        + " count/leases.coordination.k8s.io: '5'");
        // kube-root-ca.crt is there already, or will be
        awaitUsed(
                "objects",
                "",
                "configmaps: 1/3, count/deployments.apps: 0/1, count/leases.coordination.k8s.io: 0/5,"
                        + " persistentvolumeclaims: 0/1, requests.storage: 0/1Gi, services: 0/1,"
                        + " services.nodeports: 0/0");
        assertThat(refusal("create", "service", "nodeport", "web", "--tcp=80", "--node-port=31987"))
                .contains("requested: services.nodeports=1, used: services.nodeports=0");
        run("create", "service", "clusterip", "web", "--tcp=80");
        assertThat(refusal("patch", "service", "web", "-p", "{\"spec\":{\"type\":\"NodePort\"}}"))
                .contains("exceeded quota: objects");
        run("create", "deployment", "web", "--image=coracle/echo", "--replicas=0");
        assertThat(refusal("create", "deployment", "other", "--image=coracle/echo"))
                .contains(
                        "deployments.apps \"other\" is forbidden: exceeded quota: objects,"
                                + " requested: count/deployments.apps=1, used:"
                                + " count/deployments.apps=1, limited: count/deployments.apps=1");
        run("delete", "deployment", "web");
        Await.until(
                PATIENCE,
                () -> assertThat(printed("objects")).contains("count/deployments.apps: 0/1"));
        // what was refused holds no port
        run("delete", "quota", "objects");
        run("create", "service", "nodeport", "later", "--tcp=80", "--node-port=31987");
    }

    /** Of many that ask at once only as many are let in as there is room. */
    @Test
    void doesNotGiveTheLastPlaceAwayTwice() throws Exception {
        quota("few", "count/secrets: '5'");
        awaitUsed("few", "", "count/secrets: 0/5");
        try (ExecutorService clients = Executors.newFixedThreadPool(6)) {
            List<Callable<Integer>> tasks =
                    IntStream.range(0, 12)
                            .<Callable<Integer>>mapToObj(
                                    i -> () -> code("create", "secret", "generic", "s" + i))
                            .toList();
            int made = 0;
            for (Future<Integer> task : clients.invokeAll(tasks)) {
                made += task.get() == 0 ? 1 : 0;
            }
            assertThat(made).isEqualTo(5);
        }
        assertThat(printed("few")).contains("count/secrets: 5/5");
        assertThat(refusal("create", "secret", "generic", "extra", "--dry-run=server"))
                .contains("exceeded quota: few");
    }

    @Test
    void looksAtScopesAndTellsControllers() throws IOException {
        apply(
                """
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: careless}
                spec: {hard: {pods: '1'}, scopes: [BestEffort]}
                """);
        awaitUsed("careless", "", "pods: 0/1");
        run("create", "deployment", "web", "--image=coracle/echo", "--replicas=3");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        run(
                                                "get",
                                                "deployment",
                                                "web",
                                                "-o",
                                                "jsonpath={.status.conditions[?(@.type==\"ReplicaFailure\")].message}"))
                                .contains(
                                        "is forbidden: exceeded quota: careless, requested: pods=1,"
                                                + " used: pods=1, limited: pods=1"));
        apply(pod("careful", "cpu: 1m", "memory: 1Mi"));
        assertThat(printed("careless")).contains("pods: 1/1");
        run(
                "patch",
                "quota",
                "careless",
                "--type=merge",
                "-p",
                "{\"spec\":{\"hard\":{\"pods\":\"3\"}}}");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        run(
                                                "get",
                                                "deployment",
                                                "web",
                                                "-o",
                                                "jsonpath={.status.replicas}"))
                                .isEqualTo("3"));
    }

    private void quota(String name, String hard) throws IOException {
        apply(
                """
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: %s}
                spec: {hard: {%s}}
                """
                        .formatted(name, hard));
    }

    private static String pod(String name, String request, String limit) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          containers:
          - name: c
            image: coracle/echo
            resources: {requests: {%s}, limits: {%s}}
        """
                .formatted(name, request, limit);
    }

    private void awaitUsed(String quota, String limits, String requests) {
        Await.until(PATIENCE, () -> assertThat(printed(quota)).contains(limits, requests));
    }

    private String printed(String quota) {
        return run("get", "quota", quota, "--no-headers").replaceAll(" {2,}", "  ");
    }

    private Path file(String yaml) throws IOException {
        Path file = Files.createTempFile(server.data(), namespace, ".yaml");
        Files.writeString(file, yaml);
        return file;
    }

    private void apply(String yaml) throws IOException {
        run("create", "-f", file(yaml).toString());
    }

    private String refusal(String yaml) throws IOException {
        return refusal("create", "-f", file(yaml).toString());
    }

    private String refusal(String... arguments) {
        var result = server.kubectl(inNamespace(arguments));
        assertThat(result.exitCode()).isNotZero();
        return result.output();
    }

    private int code(String... arguments) {
        return server.kubectl(inNamespace(arguments)).exitCode();
    }

    private String run(String... arguments) {
        return server.kubectl(inNamespace(arguments)).orFail();
    }

    private String[] inNamespace(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return all;
    }
}
