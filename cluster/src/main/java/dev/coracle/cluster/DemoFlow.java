package dev.coracle.cluster;

import dev.coracle.cluster.fabric.Outside;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The complete flow: a Deployment, a Service and an Ingress, and requests from outside through load
 * balancer, node port, gateway and Service to the pods. Sending a Host header of one's own needs
 * the system property {@code jdk.httpclient.allowRestrictedHeaders=host}.
 */
public final class DemoFlow {

    private static final long PATIENCE_SECONDS = 60;
    private static final String HOST = "app.mydomain.com";
    private static final Pattern POD = Pattern.compile("(?m)^pod[:=]?\\s*(\\S+)");

    private final KubernetesClient client;
    private final PrintWriter out;
    private final Outside outside;

    /** Requests go to where {@code outside} has the load balancer. */
    public DemoFlow(KubernetesClient client, PrintWriter out, Outside outside) {
        this.client = client;
        this.out = out;
        this.outside = outside;
    }

    /**
     * Applies the flow and sends {@code requests}.
     *
     * @return how many requests each pod answered
     * @throws IOException when a request fails, or the flow is not ready in time
     */
    public Map<String, Integer> run(int requests) throws IOException, InterruptedException {
        List<HasMetadata> objects;
        try (InputStream yaml = DemoFlow.class.getResourceAsStream("/demo/complete-flow.yaml")) {
            objects = client.load(yaml).items();
        }
        for (HasMetadata object : objects) {
            client.resource(object).inNamespace("default").createOr(NonDeletingOperation::update);
            print("applied " + object.getKind() + " " + object.getMetadata().getName());
        }
        client.apps()
                .deployments()
                .inNamespace("default")
                .withName("my-app")
                .waitUntilCondition(DemoFlow::isAvailable, PATIENCE_SECONDS, TimeUnit.SECONDS);
        Ingress ingress =
                client.network()
                        .v1()
                        .ingresses()
                        .inNamespace("default")
                        .withName("my-app")
                        .waitUntilCondition(
                                found -> !address(found).isEmpty(),
                                PATIENCE_SECONDS,
                                TimeUnit.SECONDS);
        String address = address(ingress);
        Service service = client.services().inNamespace("default").withName("my-service").get();
        print(
                "http://"
                        + HOST
                        + "/ -> load balancer "
                        + outside.authority(address, 80)
                        + " -> a node's port -> ingress-gateway -> my-service "
                        + service.getSpec().getClusterIP()
                        + ":80 -> pod :3000");
        return send(address, requests);
    }

    private Map<String, Integer> send(String address, int requests)
            throws IOException, InterruptedException {
        Map<String, Integer> answers = new TreeMap<>();
        try (HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(outside.url(address)))
                            .header("Host", HOST)
                            .timeout(Duration.ofSeconds(10))
                            .build();
            for (int i = 0; i < requests; i++) {
                HttpResponse<String> response =
                        http.send(request, HttpResponse.BodyHandlers.ofString());
                Matcher pod = POD.matcher(response.body());
                if (response.statusCode() != 200 || !pod.find()) {
                    throw new IOException(
                            "request "
                                    + (i + 1)
                                    + " of "
                                    + requests
                                    + " got "
                                    + response.statusCode()
                                    + ": "
                                    + response.body());
                }
                answers.merge(pod.group(1), 1, Integer::sum);
            }
        }
        return answers;
    }

    private void print(String line) {
        out.println(line);
        out.flush();
    }

    private static boolean isAvailable(@Nullable Deployment deployment) {
        return deployment != null
                && deployment.getStatus() != null
                && deployment.getSpec().getReplicas() != null
                && deployment
                        .getSpec()
                        .getReplicas()
                        .equals(deployment.getStatus().getAvailableReplicas());
    }

    private static String address(@Nullable Ingress ingress) {
        if (ingress == null
                || ingress.getStatus() == null
                || ingress.getStatus().getLoadBalancer() == null
                || ingress.getStatus().getLoadBalancer().getIngress().isEmpty()) {
            return "";
        }
        String ip = ingress.getStatus().getLoadBalancer().getIngress().getFirst().getIp();
        return ip == null ? "" : ip;
    }
}
