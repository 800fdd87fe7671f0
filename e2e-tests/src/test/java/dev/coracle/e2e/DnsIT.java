package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** dig, from the host, at the DNS service's address. */
@ResourceLock(Cluster.HOST)
class DnsIT {

    private static final String SERVER = "@10.89.0.3";

    private Cluster cluster = Cluster.with("--proxy", "nftables");
    private String zone = "";
    private String namespace = "";

    @BeforeEach
    void makeServices() {
        cluster = Cluster.with("--proxy", "nftables");
        namespace = cluster.newNamespace("dns");
        zone = namespace + ".svc.cluster.local";
        cluster.apply(
                namespace,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: echo, image: coracle/echo}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec:
                  selector: {app: web}
                  ports: [{name: http, port: 80, targetPort: 8080}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: headless}
                spec:
                  clusterIP: None
                  selector: {app: web}
                  ports: [{name: http, port: 8080}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: elsewhere}
                spec: {type: ExternalName, externalName: web.%s}
                """
                        .formatted(zone));
        cluster.kubectl(
                        "-n",
                        namespace,
                        "wait",
                        "deploy/web",
                        "--for=jsonpath={.status.readyReplicas}=2",
                        "--timeout=60s")
                .orFail();
    }

    @Test
    void answersForTheKindsOfServices() {
        String clusterIp = cluster.get(namespace, "svc/web", "{.spec.clusterIP}");
        List<String> pods =
                List.of(cluster.get(namespace, "pods", "{.items[*].status.podIP}").split(" ", -1));
        Await.until(
                Duration.ofSeconds(15),
                () ->
                        assertThat(dig("headless." + zone, "A"))
                                .containsExactlyInAnyOrderElementsOf(pods));

        assertThat(dig("web." + zone, "A")).containsExactly(clusterIp);
        assertThat(dig("web." + zone, "A", "+tcp")).containsExactly(clusterIp);
        assertThat(dig("headless." + zone, "A", "+tcp")).containsExactlyInAnyOrderElementsOf(pods);
        assertThat(dig("_http._tcp.web." + zone, "SRV"))
                .singleElement()
                .asString()
                .endsWith(" 80 web." + zone + ".");
        assertThat(dig("_http._tcp.headless." + zone, "SRV"))
                .hasSize(2)
                .allMatch(answer -> answer.contains(" 8080 "));
        assertThat(dig("elsewhere." + zone, "CNAME")).containsExactly("web." + zone + ".");
        assertThat(dig("elsewhere." + zone, "A")).containsExactly("web." + zone + ".", clusterIp);
        assertThat(Shell.run("dig", SERVER, "-x", clusterIp, "+short").orFail().strip())
                .isEqualTo("web." + zone + ".");
    }

    @Test
    void tellsANameThatIsNotThereFromATypeThatIsNot() {
        assertThat(status("nothing." + zone, "A")).contains("status: NXDOMAIN").contains("SOA");
        assertThat(status("nothing." + zone, "A", "+tcp")).contains("status: NXDOMAIN");
        assertThat(status("web." + zone, "AAAA")).contains("status: NOERROR").contains("ANSWER: 0");
    }

    @Test
    void answersOnTheLoopbackOfTheHost() {
        assertThat(
                        Shell.run(
                                        "dig",
                                        "@127.0.0.1",
                                        "-p",
                                        "1053",
                                        "+short",
                                        "+time=3",
                                        "kubernetes.default.svc.cluster.local")
                                .orFail()
                                .strip())
                .isEqualTo("10.96.0.1");
    }

    @Test
    void tellsAnotherImplementationWhatItTellsDig() {
        assertThat(Shell.run("kdig", SERVER, "+short", "+retry=0", "web." + zone).orFail().strip())
                .isEqualTo(cluster.get(namespace, "svc/web", "{.spec.clusterIP}"));
        assertThat(
                        Shell.run("kdig", SERVER, "+tcp", "+short", "_http._tcp.web." + zone, "SRV")
                                .orFail()
                                .strip())
                .isEqualTo("0 100 80 web." + zone + ".");
    }

    @Test
    void tellsNslookupToo() {
        assertThat(Shell.run("nslookup", "web." + zone, "10.89.0.3").orFail())
                .contains("Address: " + cluster.get(namespace, "svc/web", "{.spec.clusterIP}"));
    }

    @Test
    void tellsTheResolverOfThePods() {
        String clusterIp = cluster.get(namespace, "svc/web", "{.spec.clusterIP}");
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: client}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: main, image: coracle/host, command: [sleep, infinity]}]
                """);
        cluster.kubectl("-n", namespace, "wait", "pod/client", "--for=condition=Ready").orFail();
        assertThat(getent("hosts", "web")).isEqualTo(clusterIp + " web." + zone);
        assertThat(getent("hosts", "web." + namespace + ".svc"))
                .isEqualTo(clusterIp + " web." + zone);
        assertThat(getent("ahostsv4", "elsewhere")).contains(clusterIp + " STREAM web." + zone);
        assertThat(getent("hosts", "kubernetes.default"))
                .isEqualTo("10.96.0.1 kubernetes.default.svc.cluster.local");
        assertThat(getent("hosts", clusterIp)).isEqualTo(clusterIp + " web." + zone);
        assertThat(getent("hosts", "none")).isEmpty();
    }

    /** In a pod, with single spaces. */
    private String getent(String database, String name) {
        return cluster.kubectl("-n", namespace, "exec", "client", "--", "getent", database, name)
                .output()
                .replaceAll("command terminated.*", "")
                .replaceAll(" +", " ")
                .strip();
    }

    @Test
    void sharesItsServiceWithAnotherReplica() {
        ServiceProcess replica =
                ServiceProcess.start(
                        "dns-service",
                        Cluster.newDirectory().resolve("dns-service.log"),
                        "server.port=0",
                        "coracle.kubernetes.kubeconfig=" + cluster.kubeconfig(),
                        "coracle.dns.address=10.89.0.3",
                        "coracle.dns.port=1054",
                        "coracle.dns.http-port=0",
                        "coracle.dns.network-namespace=coracle-fabric",
                        "coracle.dns.register=true");
        try {
            Await.until(
                    Duration.ofSeconds(60),
                    () -> {
                        replica.assertRunning();
                        assertThat(portsOfKubeDns()).contains("53", "1054");
                    });
            assertThat(dig("web." + zone, "A", "-p", "1054"))
                    .containsExactly(cluster.get(namespace, "svc/web", "{.spec.clusterIP}"));
        } finally {
            replica.close();
        }
        Await.until(
                Duration.ofSeconds(20),
                () -> assertThat(portsOfKubeDns()).contains("53").doesNotContain("1054"));
    }

    private List<String> portsOfKubeDns() {
        return List.of(
                cluster.kubectl(
                                "-n",
                                "kube-system",
                                "get",
                                "endpointslices",
                                "-l",
                                "kubernetes.io/service-name=kube-dns",
                                "-o",
                                "jsonpath={.items[*].ports[*].port}")
                        .orFail()
                        .strip()
                        .split(" ", -1));
    }

    @Test
    void saysWhyAndCounts() {
        String base = "http://10.89.0.3:9153";
        assertThat(Shell.run("curl", "-sf", base + "/ready").orFail()).startsWith("OK");
        assertThat(Shell.run("curl", "-sf", base + "/health").orFail()).startsWith("OK");
        assertThat(Shell.run("curl", "-sf", base + "/explain?name=nothing." + zone).orFail())
                .contains("NXDOMAIN", "no Service '" + namespace + "/nothing'");
        assertThat(Shell.run("curl", "-sf", base + "/explain?name=headless." + zone).orFail())
                .contains("is headless with 2 endpoints");
        dig("web." + zone, "A");
        assertThat(Shell.run("curl", "-sf", base + "/metrics").orFail())
                .contains("coredns_dns_requests_total{proto=\"udp\",type=\"A\"}");
    }

    @Test
    void hasItsOwnAccountAndNoMoreRightsThanItNeeds() {
        String account = "--as=system:serviceaccount:kube-system:kube-dns";
        assertThat(can(account, "watch", "services")).isEqualTo("yes");
        assertThat(can(account, "watch", "endpointslices.discovery.k8s.io")).isEqualTo("yes");
        assertThat(can(account, "list", "secrets")).isEqualTo("no");
        assertThat(can(account, "delete", "services")).isEqualTo("no");
        assertThat(
                        cluster.kubectl(
                                        "-n",
                                        "kube-system",
                                        "get",
                                        "endpointslices",
                                        "-l",
                                        "kubernetes.io/service-name=kube-dns",
                                        "-o",
                                        "jsonpath={.items[*].endpoints[*].addresses[*]}")
                                .orFail())
                .isEqualTo("10.89.0.3");
    }

    private String can(String account, String verb, String resource) {
        return cluster.kubectl("auth", "can-i", verb, resource, "-A", account).output().strip();
    }

    private static List<String> dig(String name, String type, String... options) {
        return query(name, type, "+short", options).lines().toList();
    }

    private static String status(String name, String type, String... options) {
        return query(name, type, "+comments", options);
    }

    private static String query(String name, String type, String display, String... options) {
        String[] command = new String[options.length + 7];
        System.arraycopy(
                new String[] {"dig", SERVER, name, type, display, "+tries=2", "+time=3"},
                0,
                command,
                0,
                7);
        System.arraycopy(options, 0, command, 7, options.length);
        return Shell.run(command).orFail();
    }
}
