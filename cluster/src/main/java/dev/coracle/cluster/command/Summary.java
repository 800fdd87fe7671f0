package dev.coracle.cluster.command;

import dev.coracle.apiserver.summary.ClusterSummary;
import dev.coracle.apiserver.summary.ClusterSummary.Fact;
import dev.coracle.cluster.AllInOne;
import dev.coracle.cluster.ClusterOptions;
import dev.coracle.cluster.fabric.Outside;
import io.fabric8.kubernetes.api.model.Service;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What {@code coracle up} ends with. */
final class Summary {

    private static final long INGRESS_SECONDS = 30;

    private Summary() {}

    static void print(PrintWriter out, ClusterOptions options, AllInOne cluster, double seconds) {
        String ingress = ingressAddress(cluster);
        Outside outside = Outside.of(options.fabric().fabric());
        cluster.awaitOutside();
        String nodes =
                String.join(
                        ", ",
                        IntStream.rangeClosed(1, options.nodes())
                                .mapToObj(number ->
                                        "node-" + number + " " + cluster.addresses().node(number))
                                .toList());
        List<Fact> facts = new ArrayList<>();
        facts.add(
                new Fact(
                        "API",
                        "https://127.0.0.1:%d (Swagger UI at /swagger-ui)"
                                .formatted(options.apiPort())));
        facts.add(
                new Fact(
                        "dashboard",
                        "https://127.0.0.1:%d/dashboard/".formatted(options.apiPort())));
        facts.add(new Fact("kubeconfig", cluster.kubeconfig().toString()));
        facts.add(new Fact("nodes", nodes));
        facts.add(
                new Fact(
                        "DNS",
                        "%s (pods: %s)"
                                .formatted(
                                        cluster.addresses().dnsService(),
                                        cluster.addresses().dnsClusterIp())));
        if (options.dns().port() != 0) {
            facts.add(
                    new Fact(
                            "",
                            ("127.0.0.1:%d for this machine; with systemd-resolved:"
                                            + " DNS=127.0.0.1:%1$d Domains=~cluster.local in"
                                            + " /etc/systemd/resolved.conf.d/coracle.conf")
                                    .formatted(options.dns().port())));
        }
        facts.add(
                new Fact(
                        "load balancers",
                        "%s (provider API http://127.0.0.1:%d)"
                                .formatted(
                                        cluster.addresses().loadBalancers(), options.cloudPort())));
        facts.add(new Fact("ingress", outside.url(ingress)));
        facts.add(
                new Fact(
                        "fabric",
                        "%s (%s)"
                                .formatted(
                                        options.fabric().fabric().word(),
                                        options.fabric().reason())));
        outside.sentences().forEach(line -> facts.add(new Fact("", line)));
        facts.add(new Fact("Services", cluster.proxyMode()));
        ClusterSummary summary =
                new ClusterSummary(
                        seconds,
                        facts,
                        List.of(
                                "export KUBECONFIG=" + cluster.kubeconfig(),
                                "kubectl get nodes -o wide",
                                "./coracle demo"));
        synchronized (out) {
            out.println();
            summary.lines().forEach(out::println);
            out.println(READY);
            out.flush();
        }
    }

    /** The last line; the launcher waits for it. */
    static final String READY = "ready";

    private static String ingressAddress(AllInOne cluster) {
        Service service =
                cluster.client()
                        .services()
                        .inNamespace("kube-system")
                        .withName("ingress-gateway")
                        .waitUntilCondition(
                                found -> !addresses(found).isEmpty(),
                                INGRESS_SECONDS,
                                TimeUnit.SECONDS);
        return addresses(service).getFirst();
    }

    private static List<String> addresses(@org.jspecify.annotations.Nullable Service service) {
        if (service == null
                || service.getStatus() == null
                || service.getStatus().getLoadBalancer() == null) {
            return List.of();
        }
        return service.getStatus().getLoadBalancer().getIngress().stream()
                .map(ingress -> Objects.requireNonNullElse(ingress.getIp(), ""))
                .filter(address -> !address.isEmpty())
                .toList();
    }
}
