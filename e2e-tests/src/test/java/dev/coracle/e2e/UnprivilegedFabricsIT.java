package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The main flow in the fabrics that need no rights, in clusters of a user who has none and whose
 * copy of the product is all that it can read of this checkout.
 */
@Order(6)
@ResourceLock(Cluster.HOST)
class UnprivilegedFabricsIT {

    private static final String USER = "65533";
    private static final String DNS_PORT = "7053";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String FLOW =
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              type: LoadBalancer
              selector: {app: web}
              ports: [{port: 80, targetPort: 3000}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: headless}
            spec:
              clusterIP: None
              selector: {app: web}
              ports: [{port: 80, targetPort: 3000}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: elsewhere}
            spec: {type: ExternalName, externalName: www.example.com}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: echo
                    image: coracle/echo
                    env: [{name: PORT, value: "3000"}]
                    ports: [{containerPort: 3000}]
                    readinessProbe: {httpGet: {path: /healthz, port: 3000}, periodSeconds: 1}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: crashes}
            spec:
              containers: [{name: main, image: coracle/host, command: [sh, -c, exit 3]}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: somebody}
            spec:
              containers: [{name: main, image: coracle/echo, securityContext: {runAsUser: 4321}}]
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: web}
            spec:
              rules:
              - host: web.mydomain.com
                http:
                  paths:
                  - {path: /app, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
            """;

    private final Path home = Cluster.newDirectory();
    private final Path hostMounts = Cluster.newDirectory();
    private final Path product = home.resolve("product");
    private @Nullable Process passing;

    @BeforeEach
    void copyTheProduct() throws IOException {
        Path jar = Path.of("cluster", "target", "coracle.jar");
        Path libraries = Path.of("cluster", "target", "dependency");
        Files.createDirectories(product.resolve(libraries));
        for (Path file : List.of(Path.of("coracle"), jar, Path.of(".mvn", "find-jdk.sh"))) {
            copy(file);
        }
        try (var all = Files.list(Cluster.ROOT.resolve(libraries))) {
            for (Path library : all.toList()) {
                copy(Cluster.ROOT.relativize(library));
            }
        }
        // a user's own folder, and a product of somebody else's in it
        var _ = Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        Shell.run("chown", USER + ":" + USER, home.toString()).orFail();
    }

    /** What a host may have: mounts below a folder. */
    private Shell.Result mountOnTheHost() {
        return Shell.run(
                "sh",
                "-ec",
                """
                cd "$0"
                chmod 755 .
                mkdir memory 'a disk' lower upper work merged
                touch kernel going
                mount -t tmpfs coracle-memory memory
                mount -t tmpfs disk 'a disk'
                mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged
                mount --bind /proc/self/ns/uts kernel
                """,
                hostMounts.toString());
    }

    /** Files that come and go, until {@code going} goes. */
    private Process passingFiles() throws IOException {
        return new ProcessBuilder(
                        "sh",
                        "-c",
                        """
                        n=0
                        while [ -e going ] && [ $((n += 1)) -lt 200000 ]; do
                          : > passing; mkdir folder; rmdir folder; rm passing
                        done
                        """)
                .directory(hostMounts.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void copy(Path file) throws IOException {
        Path target = product.resolve(file.toString());
        Files.createDirectories(target.getParent());
        var _ = Files.copy(Cluster.ROOT.resolve(file), target);
    }

    @AfterEach
    void endAndRemove() throws IOException, InterruptedException {
        var _ = coracle("down");
        Files.deleteIfExists(hostMounts.resolve("going"));
        if (passing != null) {
            passing.waitFor();
        }
        Shell.run(
                        "sh",
                        "-c",
                        "cd \"$0\" && umount memory 'a disk' merged kernel 2>/dev/null; rm -rf \"$0\" \"$1\"",
                        hostMounts.toString(),
                        home.toString())
                .orFail();
    }

    @Test
    void runsTheMainFlowInAUserNamespace() throws IOException {
        if (userNamespacesAreImpossible()) {
            assertThat(coracle("up", "--detach", "--fabric", "rootless").output())
                    .contains("--fabric rootless cannot be had here", "--fabric loopback");
            return;
        }
        assertThat(mountOnTheHost().exitCode()).isZero();
        passing = passingFiles();
        Cluster cluster = up("rootless");
        Flow flow = new Flow(cluster, "127.88.0.");

        flow.apply();
        flow.answersInside("http://web/");
        flow.answersInside("http://web.$CORACLE_POD_NAMESPACE.svc.cluster.local/");
        flow.check();
        flow.refusesAnotherUser("user 4321: the user namespace of this cluster has 0 only");
        down();
    }

    @Test
    void runsTheMainFlowOnLoopbackAddresses() {
        Cluster cluster = up("loopback");
        Flow flow = new Flow(cluster, "127.88.0.");

        flow.apply();
        flow.check();
        assertThat(cluster.get("default", "svc/web", "{.spec.clusterIP}")).startsWith("127.96.");
        assertThat(cluster.kubectl("get", "events").orFail())
                .contains("port 80 is served at 127.96.");
        flow.refusesAnotherUser("user 4321: processes of this fabric run as user 65533 only");
        down();
    }

    /** Says so where not even root could allow them; fails where root only has to. */
    private static boolean userNamespacesAreImpossible() {
        Shell.Result probe =
                Shell.run(
                        "setpriv",
                        "--reuid",
                        USER,
                        "--regid",
                        USER,
                        "--clear-groups",
                        "unshare",
                        "--user",
                        "--map-root-user",
                        "--net",
                        "--mount",
                        "true");
        if (probe.exitCode() == 0) {
            return false;
        }
        String settings =
                Shell.run(
                                "sh",
                                "-c",
                                "sysctl kernel.apparmor_restrict_unprivileged_userns"
                                        + " kernel.unprivileged_userns_clone"
                                        + " user.max_user_namespaces 2>/dev/null")
                        .output();
        assertThat(settings)
                .as("root could allow user namespaces here: " + probe.output())
                .doesNotContain("restrict_unprivileged_userns = 1")
                .doesNotContain("userns_clone = 0")
                .doesNotContain("max_user_namespaces = 0");
        System.err.println(
                "*** NOT TESTED: this host forbids user namespaces ("
                        + probe.output().strip()
                        + "); fabric rootless is only seen to refuse");
        return true;
    }

    private Cluster up(String fabric) {
        String output =
                coracle(
                                "up",
                                "--detach",
                                "--nodes",
                                "2",
                                "--fabric",
                                fabric,
                                "--api-port",
                                "7443",
                                "--cloud-port",
                                "7092",
                                "--dns-port",
                                DNS_PORT)
                        .orFail();
        assertThat(output).contains("fabric           " + fabric);
        return Cluster.at(home.resolve("state/coracle/data"));
    }

    private void down() {
        coracle("down").orFail();
        assertThat(Shell.run("pgrep", "-u", USER, "-a").output()).isEmpty();
        assertThat(Shell.run("ss", "-Hlnt", "sport", "=", "7443").output()).isEmpty();
    }

    /** The launcher, run by the user. */
    private Shell.Result coracle(String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--reuid",
                                USER,
                                "--regid",
                                USER,
                                "--clear-groups",
                                "env",
                                "-C",
                                home.toString(),
                                product.resolve("coracle").toString()));
        command.addAll(Arrays.asList(arguments));
        return Shell.run(
                PATIENCE,
                Map.of(
                        "HOME",
                        home.toString(),
                        "XDG_STATE_HOME",
                        home.resolve("state").toString(),
                        "XDG_RUNTIME_DIR",
                        home.toString(),
                        "CORACLE_DATA",
                        "",
                        "JAVA_HOME",
                        System.getProperty("java.home")),
                command);
    }

    /** What a user sees of the flow, with kubectl, curl and dig. */
    private record Flow(Cluster cluster, String balancers) {

        void apply() {
            cluster.apply("default", FLOW);
            Shell.Result ready =
                    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
            assertThat(ready.exitCode())
                    .as("%s", ready.output() + cluster.kubectl("get", "events").output())
                    .isZero();
        }

        void check() {
            answersInside("http://$WEB_SERVICE_HOST:$WEB_SERVICE_PORT/");
            for (int node : List.of(11, 12)) {
                String port = cluster.get("default", "svc/web", "{.spec.ports[0].nodePort}");
                assertThat(Http.spread(20, "http://127.89.0." + node + ":" + port + "/"))
                        .hasSize(2);
            }
            assertThat(Http.spread(20, "http://" + balancer("default", "web") + "/")).hasSize(2);
            String gateway = "http://" + balancer("kube-system", "ingress-gateway");
            Await.until(
                    Duration.ofSeconds(15),
                    () -> Http.get(gateway + "/app/x", "-H", "Host: web.mydomain.com").orFail());
            assertThat(Http.get(gateway + "/else", "-H", "Host: web.mydomain.com").exitCode())
                    .isEqualTo(22);
            assertThat(Http.get(gateway + "/app", "-H", "Host: other.mydomain.com").exitCode())
                    .isEqualTo(22);
            assertThat(dig("web", "A"))
                    .containsExactly(cluster.get("default", "svc/web", "{.spec.clusterIP}"));
            assertThat(dig("headless", "A"))
                    .containsExactlyInAnyOrder(
                            cluster.get(
                                            "default",
                                            "pods",
                                            "{.items[?(@.metadata.labels.app==\"web\")].status.podIP}")
                                    .split(" ", -1));
            assertThat(dig("elsewhere", "CNAME")).containsExactly("www.example.com.");
            Await.until(
                    Duration.ofSeconds(30),
                    () ->
                            assertThat(
                                            cluster.get(
                                                    "default",
                                                    "pod/crashes",
                                                    "{.status.containerStatuses[0]['restartCount','lastState.terminated.exitCode']}"))
                                    .matches("[1-9] 3"));
        }

        /** A port that the user may not open is 10000 higher. */
        private String balancer(String namespace, String service) {
            String address =
                    cluster.get(
                            namespace, "svc/" + service, "{.status.loadBalancer.ingress[0].ip}");
            return balancers + address.substring(address.lastIndexOf('.') + 1) + ":10080";
        }

        private static List<String> dig(String service, String type) {
            return Shell.run(
                            "dig",
                            "@127.0.0.1",
                            "-p",
                            DNS_PORT,
                            "+short",
                            "+tcp",
                            type,
                            service + ".default.svc.cluster.local")
                    .orFail()
                    .lines()
                    .toList();
        }

        void answersInside(String url) {
            assertThat(
                            cluster.kubectl(
                                            "exec",
                                            "deployment/web",
                                            "--",
                                            "sh",
                                            "-c",
                                            "for i in $(seq 30); do curl -sS --fail -m 5 "
                                                    + url
                                                    + "; done")
                                    .orFail()
                                    .lines()
                                    .filter(line -> line.startsWith("pod: "))
                                    .distinct())
                    .hasSize(2);
        }

        void refusesAnotherUser(String reason) {
            assertThat(
                            cluster.get(
                                    "default",
                                    "pod/somebody",
                                    "{.status.containerStatuses[0].state.waiting.message}"))
                    .isEqualTo(reason);
        }
    }
}
