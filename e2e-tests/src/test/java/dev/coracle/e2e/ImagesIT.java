package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * An archive as docker save writes it, of one static program, loaded into the running cluster; and
 * many pods of it on one node. {@code -Dpods=200} makes it that many.
 */
@ResourceLock(Cluster.HOST)
class ImagesIT {

    private static final int PODS = Integer.getInteger("pods", 30);
    private static final Duration PATIENCE = Duration.ofSeconds(60L + PODS);

    // $1 a folder: makes archive.tar in it
    private static final String MAKE =
            """
            set -e
            cd "$1"
            mkdir -p root/etc l0
            cp "$(command -v busybox)" root/busybox
            echo 'web:x:7:8:Web:/srv:/busybox' > root/etc/passwd
            tar --numeric-owner --owner=0 --group=0 -cf l0/layer.tar -C root .
            layer=$(sha256sum l0/layer.tar | cut -c1-64)
            case $(uname -m) in x86_64) a=amd64;; *) a=arm64;; esac
            printf '{"os":"linux","architecture":"%s","config":{"Entrypoint":["/busybox"],
              "Cmd":["httpd","-f","-p","8080","-h","/"],"User":"web","Env":["COLOUR=blue"],
              "StopSignal":"SIGKILL"},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
              $a $layer > config
            config=$(sha256sum config | cut -c1-64)
            mv config $config.json
            printf '[{"Config":"%s.json","RepoTags":["web:1"],"Layers":["l0/layer.tar"]}]' \
              $config > manifest.json
            tar -cf archive.tar $config.json manifest.json l0
            gzip archive.tar
            """;

    private Cluster cluster = Cluster.with("--proxy", "nftables");
    private String namespace = "";

    @BeforeEach
    void load() {
        cluster = Cluster.with("--proxy", "nftables");
        namespace = cluster.newNamespace("images");
        Path folder = Cluster.newDirectory();
        String _ = Shell.run("sh", "-c", MAKE, "sh", folder.toString()).orFail();
        String data = cluster.data().toString();
        String archive = folder.resolve("archive.tar.gz").toString();
        assertThat(Cluster.coracle("image", "load", archive, "--data", data).orFail())
                .startsWith("loaded web:1 (sha256:");
        assertThat(Cluster.coracle("image", "list", "--data", data).orFail()).contains("web:1");
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(cluster.get(namespace, "serviceaccount", "{.items[*]}"))
                                .contains("default"));
    }

    @Test
    void runsWhatWasLoaded() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: told}
                spec:
                  restartPolicy: Never
                  volumes: [{name: data, emptyDir: {}}]
                  containers:
                  - name: app
                    image: docker.io/library/web:1
                    securityContext: {capabilities: {drop: [ALL]}}
                    volumeMounts: [{name: data, mountPath: /data}]
                    args:
                    - sh
                    - -c
                    - |
                      alias b=/busybox
                      b id > /dev/termination-log
                      b echo $COLOUR $HOME $(b ls /) $(b cat /etc/hostname) >> /dev/termination-log
                      b cat /var/run/secrets/kubernetes.io/serviceaccount/namespace >> /dev/termination-log
                """);
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "pod/told", "{.status.phase}"))
                                .isEqualTo("Succeeded"));
        String state = "{.status.containerStatuses[0].state.terminated.message}";
        assertThat(cluster.get(namespace, "pod/told", state))
                .startsWith("uid=7(web) gid=8 groups=8")
                .contains("blue /srv busybox data dev etc proc sys var told")
                .endsWith(namespace);
        assertThat(cluster.get(namespace, "pod/told", "{.status.containerStatuses[0].imageID}"))
                .startsWith("sha256:");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "node/node-1", "{.status.images}"))
                                .contains("web:1"));
    }

    @Test
    void runsManyOnOneNode() throws Exception {
        cluster.apply(
                namespace,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec:
                      nodeName: node-1
                      automountServiceAccountToken: false
                      containers:
                      - name: web
                        image: web:1
                        readinessProbe: {httpGet: {path: /etc/hostname, port: 8080}, periodSeconds: 5}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
                """
                        .formatted(PODS));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "deploy/web", "{.status.readyReplicas}"))
                                .isEqualTo(Integer.toString(PODS)));
        Shell.Result refused =
                Cluster.coracle("image", "rm", "web:1", "--data", cluster.data().toString());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.output()).startsWith("coracle: a container runs of image 'sha256:");
        String url =
                "http://"
                        + cluster.get(namespace, "node/node-1", "{.status.addresses[0].address}")
                        + ":"
                        + cluster.get(namespace, "svc/web", "{.spec.ports[0].nodePort}")
                        + "/etc/hostname";
        Set<String> seen = new HashSet<>();
        Await.until(
                PATIENCE,
                () -> {
                    seen.addAll(
                            Shell.run(
                                            "sh",
                                            "-c",
                                            "for i in $(seq 50); do curl -s " + url + "; done")
                                    .orFail()
                                    .lines()
                                    .toList());
                    assertThat(seen).hasSize(PODS);
                });
        cluster.kubectl("-n", namespace, "delete", "deploy/web", "--cascade=foreground").orFail();
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "pods", "{.items[*].metadata.name}"))
                                .isEmpty());
        Path pods = cluster.data().resolve("nodes/node-1/pods");
        try (Stream<Path> left = Files.list(pods)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .isSubsetOf(uidsOnNode().split(" ", -1));
        }
    }

    private String uidsOnNode() {
        return cluster.kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].metadata.uid}")
                .orFail()
                .strip();
    }
}
