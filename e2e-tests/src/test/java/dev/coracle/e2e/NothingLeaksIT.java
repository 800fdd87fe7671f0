package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * No packet of the cluster leaves the host, in this whole run: {@link Cluster} counts from the
 * beginning.
 */
@ResourceLock(Cluster.HOST)
class NothingLeaksIT {

    private static final String LINK = "coracle-void";

    @AfterEach
    void removeTheLink() {
        Shell.run("ip", "link", "del", LINK);
    }

    @Test
    void keepsWhatLeadsNowhereInsideTheHost() {
        Cluster cluster = Cluster.with("--proxy", "nftables");
        String namespace = cluster.newNamespace("leak");
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Service
                metadata: {name: outside}
                spec: {externalIPs: [203.0.113.77], ports: [{port: 80}]}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: client}
                spec:
                  restartPolicy: Never
                  containers:
                  - name: client
                    image: coracle/host
                    command:
                    - sh
                    - -c
                    - for a in 10.96.77.77 10.244.77.77 10.89.0.77 203.0.113.77 outside; do curl -s --max-time 2 http://$a/; done; true
                """);
        Http.get("http://10.96.77.77/");
        Http.get("http://10.244.77.77/");
        cluster.kubectl(
                        "-n",
                        namespace,
                        "wait",
                        "pod/client",
                        "--for=jsonpath={.status.phase}=Succeeded",
                        "--timeout=60s")
                .orFail();
        assertThat(Uplink.HOST.leaked()).as("packets that left").isZero();
    }

    /** By a link that leads nowhere. */
    @Test
    void wouldSeeAPacketThatLeaves() {
        Uplink.HOST.watch();
        int before = Uplink.HOST.leaked();
        assertThat(before).as("packets that left").isZero();
        Shell.run("ip", "link", "add", LINK, "type", "veth", "peer", "name", LINK + "2").orFail();
        Shell.run("ip", "link", "set", LINK, "up").orFail();
        Shell.run("ip", "route", "add", "10.244.254.0/24", "dev", LINK).orFail();
        Shell.run("ip", "neigh", "add", "10.244.254.1", "lladdr", "02:00:00:00:00:01", "dev", LINK)
                .orFail();
        Shell.run("bash", "-c", "echo > /dev/udp/10.244.254.1/9");
        assertThat(Uplink.HOST.leaked()).isPositive();
        Uplink.HOST.reset();
    }
}
