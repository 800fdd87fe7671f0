package dev.coracle.apiserver.summary;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.summary.ClusterSummary.Fact;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Logs the summary once all parts have made themselves known: as many ready nodes as there should
 * be, DNS, and a load balancer for the ingress.
 */
public final class ReadyCluster implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadyCluster.class);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final WatchCache cache;
    private final SummaryProperties properties;
    private final String url;
    private final InstantSource clock;
    private final Instant begin;
    private final Disposable looking;

    /** Begins to look. */
    public ReadyCluster(
            WatchCache cache,
            SummaryProperties properties,
            String url,
            InstantSource clock,
            Instant begin) {
        this.cache = cache;
        this.properties = properties;
        this.url = url;
        this.clock = clock;
        this.begin = begin;
        this.looking =
                Flux.interval(LOOK)
                        .concatMapIterable(_ -> find().stream().toList())
                        .next()
                        .subscribe(summary -> LOG.info("\n{}", String.join("\n", summary.lines())));
    }

    @Override
    public void close() {
        looking.dispose();
    }

    /** The summary, if there is something to summarize. */
    Optional<ClusterSummary> find() {
        List<String> nodes =
                objects("nodes").stream()
                        .filter(ReadyCluster::isReady)
                        .map(ReadyCluster::node)
                        .toList();
        Optional<ApiObject> dns = object("services", "kube-dns");
        Optional<String> ingress =
                object("services", "ingress-gateway")
                        .flatMap(service ->
                                Json.objects(service.at("status.loadBalancer.ingress")).stream()
                                        .findFirst())
                        .map(first -> Json.text(first, "ip"));
        if (nodes.size() < properties.nodes() || dns.isEmpty() || ingress.isEmpty()) {
            return Optional.empty();
        }
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("API", url + " (Swagger UI at /swagger-ui)"));
        facts.add(new Fact("dashboard", url + "/dashboard/"));
        facts.add(new Fact("kubeconfig", properties.kubeconfig()));
        facts.add(new Fact("nodes", String.join(", ", nodes)));
        facts.add(new Fact("DNS", "pods: " + dns.get().text("spec.clusterIP")));
        facts.add(new Fact("load balancers", "provider API " + properties.provider()));
        facts.add(
                new Fact(
                        "ingress",
                        "http://"
                                + ingress.get()
                                + "/"
                                + (properties.ingress().isEmpty()
                                        ? ""
                                        : " or " + properties.ingress())));
        facts.add(new Fact("fabric", properties.fabric()));
        return Optional.of(
                new ClusterSummary(
                        Duration.between(begin, clock.instant()).toMillis() / 1e3,
                        facts,
                        properties.attempts()));
    }

    private static String node(ApiObject node) {
        return Json.objects(node.at("status.addresses")).stream()
                .filter(address -> Json.text(address, "type").equals("InternalIP"))
                .map(address -> node.name() + " " + Json.text(address, "address"))
                .findFirst()
                .orElse(node.name());
    }

    private static boolean isReady(ApiObject node) {
        return Json.objects(node.at("status.conditions")).stream()
                .anyMatch(condition ->
                        Json.text(condition, "type").equals("Ready")
                                && Json.text(condition, "status").equals("True"));
    }

    private Optional<ApiObject> object(String resource, String name) {
        return cache.find(resource, new NamespacedName("kube-system", name))
                .map(CachedObject::toObject);
    }

    private List<ApiObject> objects(String resource) {
        return cache.snapshot(resource).objects().values().stream()
                .map(CachedObject::toObject)
                .toList();
    }
}
