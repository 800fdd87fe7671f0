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
