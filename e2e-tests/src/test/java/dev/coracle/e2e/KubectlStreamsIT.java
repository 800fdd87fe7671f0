package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Logs, exec, attach, cp, port-forward, run and debug. kubectl 1.27 speaks SPDY only, 1.30
 * WebSocket to commands and SPDY to ports, 1.31 and later WebSocket, fabric8's client an older
 * WebSocket.
 */
@ResourceLock(Cluster.HOST)
class KubectlStreamsIT {

    private final Cluster cluster = Cluster.with("--proxy", "nftables");
    private final String namespace = cluster.newNamespace("streams");

    @BeforeEach
    void startThePods() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: shell, labels: {app: streams}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: main
                    image: coracle/host
                    command: [sh, -c, "echo one; echo two >&2; exec sleep 3600"]
                    env: [{name: GREETING, value: hello}]
                  - {name: other, image: coracle/host, command: [sh, -c, "echo three; exec sleep 3600"]}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: web, labels: {app: streams}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - {name: main, image: coracle/echo, ports: [{containerPort: 8080}]}
                """);
        cluster.kubectl(
                        "-n",
                        namespace,
                        "wait",
                        "pod/shell",
                        "pod/web",
                        "--for=condition=Ready",
                        "--timeout=60s")
                .orFail();
    }

    @ParameterizedTest
    @ValueSource(strings = {"27", "30", "31", "33"})
    void talkToKubectl(String minor) throws Exception {
        Path work = Cluster.newDirectory();
        assertThat(sh(minor, "kubectl logs shell -c main | sort").orFail()).isEqualTo("one\ntwo\n");
        assertThat(sh(minor, "kubectl logs shell --all-containers --prefix | sort").orFail())
                .contains("[pod/shell/main] one", "[pod/shell/other] three");
        assertThat(
                        sh(minor, "kubectl logs -l app=streams -c main --tail=1 --ignore-errors")
                                .output())
                .contains("two");
        Shell.Result exec =
                sh(
                        minor,
                        "echo typed | kubectl exec -i shell -c main -- sh -c 'cat; echo $GREETING;"
                                + " echo bad >&2; exit 7'");
        assertThat(exec.output()).contains("typed", "hello", "bad", "exit code 7");
        assertThat(exec.exitCode()).isEqualTo(7);
        assertThat(
                        sh(
                                        minor,
                                        "script -qec \"stty rows 33 cols 99; kubectl exec -it shell"
                                                + " -c main -- sh -c 'sleep 0.3; tty; stty size'\""
                                                + " /dev/null")
                                .orFail())
                .contains("/dev/pts/", "33 99");
        assertThat(
                        sh(
                                        minor,
                                        "head -c 300000 /dev/urandom >"
                                                + work
                                                + "/a; kubectl cp "
                                                + work
                                                + "/a shell:/tmp/b -c main; kubectl cp shell:/tmp/b "
                                                + work
                                                + "/c -c main; cmp "
                                                + work
                                                + "/a "
                                                + work
                                                + "/c && echo alike")
                                .orFail())
                .contains("alike");
        assertThat(
                        sh(
                                        minor,
                                        "kubectl port-forward pod/web :8080 > "
                                                + work
                                                + "/port & trap 'kill $!' EXIT; until grep -q Forwarding "
                                                + work
                                                + "/port; do sleep 0.1; done; curl -sS 127.0.0.1:$(sed -n"
                                                + " 's/.*127.0.0.1:\\([0-9]*\\).*/\\1/p' "
                                                + work
                                                + "/port)/x")
                                .orFail())
                .contains("pod: web");
        Shell.Result run =
                sh(
                        minor,
                        "echo words | kubectl run r%s -i --rm --restart=Never --image=coracle/host"
                                        .formatted(minor)
                                + " --command -- sh -c 'read a; echo got $a; exit 4'");
        assertThat(run.output()).contains("got words");
        assertThat(run.exitCode()).isEqualTo(4);
    }

    @Test
    void refuseInKubernetesWords() {
        assertThat(sh("33", "kubectl exec shell -c nope -- true").output())
                .contains("container nope is not valid for pod shell");
        assertThat(sh("33", "kubectl logs shell -c main -p").output())
                .contains("previous terminated container \"main\" in pod \"shell\" not found");
        assertThat(sh("33", "kubectl exec shell -c main -- /no/such").exitCode()).isEqualTo(127);
        assertThat(
                        sh(
                                        "33",
                                        "kubectl get --raw"
                                                + " /api/v1/namespaces/$NAMESPACE/pods/shell/log")
                                .output())
                .contains("choose one of: [main other]");
        assertThat(sh("33", "kubectl get --raw /api/v1/nodes/node-1/proxy/healthz").orFail())
                .isEqualTo("ok");
        assertThat(sh("33", "kubectl get --raw /api/v1/nodes/node-1/proxy/configz").orFail())
                .contains("containerLogMaxFiles");
    }

    @Test
    void showTheEndAndTheRunBefore() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: twice}
                spec:
                  containers:
                  - name: main
                    image: coracle/host
                    command: [sh, -c, "echo run; test -e /v/x || { touch /v/x; echo first; exit 1; }; sleep 1; echo last"]
                    volumeMounts: [{name: v, mountPath: /v}]
                  restartPolicy: OnFailure
                  volumes: [{name: v, emptyDir: {}}]
                """);
        cluster.kubectl(
                        "-n",
                        namespace,
                        "wait",
                        "pod/twice",
                        "--for=jsonpath={.status.containerStatuses[0].restartCount}=1",
                        "--timeout=30s")
                .orFail();
        assertThat(sh("33", "kubectl logs -f twice").orFail()).isEqualTo("run\nlast\n");
        assertThat(sh("33", "kubectl logs -p twice").orFail()).isEqualTo("run\nfirst\n");
    }

    @Test
    void debugAContainer() {
        assertThat(
                        sh(
                                        "33",
                                        "echo go | kubectl debug shell --image=coracle/host"
                                                + " --target=main --quiet -i --profile=general"
                                                + " -- sh -c 'read line; ps ax'")
                                .orFail())
                .contains("sleep 3600");
        Await.until(
                Duration.ofSeconds(20),
                () ->
                        assertThat(
                                        cluster.get(
                                                namespace,
                                                "pod/shell",
                                                "{.status.ephemeralContainerStatuses[0].state"
                                                        + ".terminated.exitCode}"))
                                .isEqualTo("0"));
        assertThat(
                        sh(
                                        "33",
                                        "kubectl patch pod shell --subresource=ephemeralcontainers"
                                                + " --type=merge -p"
                                                + " '{\"spec\":{\"ephemeralContainers\":[]}}'")
                                .output())
                .contains("may not be removed");
    }

    @Test
    void talkToJava() throws Exception {
        Config config = Config.fromKubeconfig(cluster.kubeconfig().toFile());
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
            var shell = client.pods().inNamespace(namespace).withName("shell");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ExecWatch exec =
                    shell.inContainer("main")
                            .writingOutput(out)
                            .exec("sh", "-c", "echo $GREETING; exit 5")) {
                assertThat(exec.exitCode().get(20, TimeUnit.SECONDS)).isEqualTo(5);
            }
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hello\n");
            Path file = Cluster.newDirectory().resolve("file");
            Files.writeString(file, "content");
            assertThat(shell.inContainer("main").file("/tmp/up").upload(file)).isTrue();
            try (InputStream in = shell.inContainer("main").file("/tmp/up").read()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("content");
            }
            try (LogWatch log = shell.inContainer("other").watchLog()) {
                assertThat(new String(log.getOutput().readNBytes(5), StandardCharsets.UTF_8))
                        .isEqualTo("three");
            }
            try (LocalPortForward forward =
                    client.pods().inNamespace(namespace).withName("web").portForward(8080)) {
                URI uri = URI.create("http://127.0.0.1:" + forward.getLocalPort() + "/x");
                try (InputStream in = uri.toURL().openStream()) {
                    assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                            .contains("pod: web");
                }
            }
        }
    }

    /** Runs a line in which kubectl, also in a shell that the line starts, is that release. */
    private Shell.Result sh(String minor, String line) {
        Path kubectl = Kubectl.program().resolveSibling("kubectl.1." + minor);
        Path bin = Cluster.newDirectory();
        try {
            Path wrapper = bin.resolve("kubectl");
            Files.writeString(
                    wrapper, "#!/bin/sh\nexec " + kubectl + " -n " + namespace + " \"$@\"\n");
            Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return Shell.run(
                Duration.ofMinutes(1),
                Map.of(
                        "KUBECONFIG",
                        cluster.kubeconfig().toString(),
                        "NAMESPACE",
                        namespace,
                        "PATH",
                        bin + ":" + System.getenv("PATH")),
                List.of("bash", "-c", "set -o pipefail; " + line));
    }
}
