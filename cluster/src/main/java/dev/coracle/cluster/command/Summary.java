package dev.coracle.cluster.command;

import dev.coracle.cluster.AllInOne;
import dev.coracle.cluster.ClusterOptions;
import dev.coracle.cluster.fabric.Outside;
import io.fabric8.kubernetes.api.model.Service;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
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
        synchronized (out) {
            out.printf(Locale.ROOT, "%nThe cluster is up after %.1f s.%n", seconds);
            out.printf(
                    "  API              https://127.0.0.1:%d (Swagger UI at /swagger-ui)%n",
                    options.apiPort());
            out.printf("  kubeconfig       %s%n", cluster.kubeconfig());
            out.printf("  nodes            %s%n", nodes);
            out.printf(
                    "  DNS              %s (pods: %s)%n",
                    cluster.addresses().dnsService(), cluster.addresses().dnsClusterIp());
            if (options.dns().port() != 0) {
                out.printf(
                        "                   127.0.0.1:%d for this machine; with systemd-resolved:"
                                + " DNS=127.0.0.1:%1$d Domains=~cluster.local in"
                                + " /etc/systemd/resolved.conf.d/coracle.conf%n",
                        options.dns().port());
            }
            out.printf(
                    "  load balancers   %s (provider API http://127.0.0.1:%d)%n",
                    cluster.addresses().loadBalancers(), options.cloudPort());
            out.printf("  ingress          %s%n", outside.url(ingress));
            out.printf(
                    "  fabric           %s (%s)%n",
                    options.fabric().fabric().word(), options.fabric().reason());
            outside.sentences().forEach(line -> out.printf("                   %s%n", line));
            out.printf("  Services         %s%n", cluster.proxyMode());
            out.printf("Try:%n");
            out.printf("  export KUBECONFIG=%s%n", cluster.kubeconfig());
            out.printf("  kubectl get nodes -o wide%n");
            out.printf("  ./coracle demo%n");
            out.printf("%s%n", READY);
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
