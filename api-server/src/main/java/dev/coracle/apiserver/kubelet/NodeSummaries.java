package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** What kubelets said at {@code /stats/summary}, at most fifteen seconds ago. Thread-safe. */
final class NodeSummaries {

    private static final Logger log = LoggerFactory.getLogger(NodeSummaries.class);
    private static final Duration FRESH = Duration.ofSeconds(15);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final WatchCache cache;
    private final KubeletRouter kubelets;
    private final Map<String, Mono<Summary>> known = new ConcurrentHashMap<>();

    NodeSummaries(WatchCache cache, KubeletRouter kubelets) {
        this.cache = cache;
        this.kubelets = kubelets;
    }

    /** One node's. */
    record Summary(String node, ObjectNode body) {}

    /** Those of all nodes that answer. */
    Mono<List<Summary>> all() {
        return Flux.fromIterable(cache.snapshot("nodes").objects().keySet())
                .flatMap(key ->
                        of(key.name())
                                .onErrorResume(e -> {
                                    log.debug("node '{}': no figures: {}", key, e.toString());
                                    return Mono.empty();
                                }))
                .collectList();
    }

    Mono<Summary> of(String node) {
        return known.computeIfAbsent(node, this::asking);
    }

    /** A failure is forgotten at once. */
    private Mono<Summary> asking(String node) {
        return Mono.defer(() -> kubelets.text(node, "/stats/summary"))
                .timeout(PATIENCE)
                .map(text -> new Summary(node, (ObjectNode) Json.MAPPER.readTree(text)))
                .cache(_ -> FRESH, _ -> Duration.ZERO, () -> Duration.ZERO);
    }
}
