package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PodFilesTest {

    private static final String NODE = "search example.org\nnameserver 192.0.2.53\noptions edns0\n";

    @Test
    void namesThePodByItsHostnameAndSubdomain() {
        Pod pod = pod(spec -> spec.editSpec().withHostname("h").withSubdomain("s").endSpec());
        assertThat(PodFiles.hostname(pod, "node-1")).isEqualTo("h");
        assertThat(PodFiles.hosts(pod, "10.0.0.2", ""))
                .startsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
                .endsWith("10.0.0.2\th.s.shop.svc.cluster.local\th\n");
        Pod full = new PodBuilder(pod).editSpec().withSetHostnameAsFQDN(true).endSpec().build();
        assertThat(PodFiles.hostname(full, "node-1")).isEqualTo("h.s.shop.svc.cluster.local");
    }

    @Test
    void givesPodsInTheNodesNetworkTheNodesNames() {
        Pod pod = pod(spec -> spec.editSpec().withHostNetwork(true).endSpec());
        assertThat(PodFiles.hostname(pod, "node-1")).isEqualTo("node-1");
        assertThat(PodFiles.hosts(pod, "10.0.0.2", "127.0.0.1 here\n"))
                .isEqualTo("# Kubernetes-managed hosts file (host network).\n127.0.0.1 here\n");
        assertThat(PodFiles.resolvConf(pod, "10.96.0.10", NODE)).isEqualTo(NODE);
    }

    @Test
    void searchesTheClusterFirst() {
        assertThat(PodFiles.resolvConf(pod(spec -> spec), "10.96.0.10", NODE))
                .isEqualTo(
                        """
                        search shop.svc.cluster.local svc.cluster.local cluster.local
                        nameserver 10.96.0.10
                        options ndots:5
                        """);
    }

    @Test
    void takesWhatDnsConfigSaysAndNothingElseWithPolicyNone() {
        Pod pod =
                pod(spec ->
                        spec.editSpec()
                                .withDnsPolicy("None")
                                .withNewDnsConfig()
                                .withNameservers("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")
                                .withSearches("a.example")
                                .addNewOption("ndots", "2")
                                .addNewOption("edns0", null)
                                .endDnsConfig()
                                .endSpec());
        assertThat(PodFiles.resolvConf(pod, "10.96.0.10", NODE))
                .isEqualTo(
                        """
                        search a.example
                        nameserver 192.0.2.1
                        nameserver 192.0.2.2
                        nameserver 192.0.2.3
                        options ndots:2 edns0
                        """);
    }

    private static Pod pod(UnaryOperator<PodBuilder> change) {
        return change.apply(
                        new PodBuilder()
                                .withNewMetadata()
                                .withNamespace("shop")
                                .withName("my-pod")
                                .endMetadata()
                                .withNewSpec()
                                .endSpec())
                .build();
    }
}
