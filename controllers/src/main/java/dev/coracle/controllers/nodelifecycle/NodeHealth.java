package dev.coracle.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is known of a node's health, and what follows from it. */
sealed interface NodeHealth {

    String NOT_READY = "node.kubernetes.io/not-ready";
    String UNREACHABLE = "node.kubernetes.io/unreachable";

    /** The node says it is ready, and says so on time. */
    record Ready() implements NodeHealth {}

    /** The node itself says that it is not ready. */
    record NotReady() implements NodeHealth {}

    /** The node has been silent for longer than its Lease allows. */
    record Unreachable() implements NodeHealth {}

    /** Judges {@code node}, last heard of {@code silence} ago. */
    static NodeHealth of(Node node, Duration silence, Duration leaseTimeout) {
        if (silence.compareTo(leaseTimeout) >= 0) {
            return new Unreachable();
        }
        return switch (findReady(node).map(NodeCondition::getStatus).orElse("Unknown")) {
            case "True" -> new Ready();
            case String _ -> new NotReady();
        };
    }

    static Optional<NodeCondition> findReady(Node node) {
        if (node.getStatus() == null || node.getStatus().getConditions() == null) {
            return Optional.empty();
        }
        return node.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals("Ready"))
                .findFirst();
    }

    /** Whether a node's last word was that it is ready; that it is silent now is news then. */
    static boolean saidReady(Node node) {
        return findReady(node).filter(c -> "True".equals(c.getStatus())).isPresent();
    }

    /** The key of the taint this health puts on a node. */
    default Optional<String> taintKey() {
        return switch (this) {
            case Ready _ -> Optional.empty();
            case NotReady _ -> Optional.of(NOT_READY);
            case Unreachable _ -> Optional.of(UNREACHABLE);
        };
    }

    /** The taints the node must have; those it has already keep their time. */
    default List<Taint> taints(List<Taint> current, Instant now) {
        List<Taint> wanted = new ArrayList<>();
        for (Taint taint : current) {
            boolean ours = taint.getKey().equals(NOT_READY) || taint.getKey().equals(UNREACHABLE);
            if (!ours || taintKey().filter(taint.getKey()::equals).isPresent()) {
                wanted.add(taint);
            }
        }
        taintKey()
                .ifPresent(key -> {
                    for (String effect : List.of("NoSchedule", "NoExecute")) {
                        if (wanted.stream().noneMatch(t -> is(t, key, effect))) {
                            wanted.add(taint(key, effect, now));
                        }
                    }
                });
        return wanted;
    }

    /** How long {@code pod} may stay on a node tainted with {@code key}; empty: for ever. */
    static Optional<Duration> findEvictionDelay(Pod pod, String key, Duration otherwise) {
        List<Toleration> tolerations =
                pod.getSpec().getTolerations() == null ? List.of() : pod.getSpec().getTolerations();
        List<Toleration> matching =
                tolerations.stream()
                        .filter(t -> t.getKey() == null || t.getKey().equals(key))
                        .filter(t -> t.getEffect() == null || t.getEffect().equals("NoExecute"))
                        .toList();
        if (matching.isEmpty()) {
            return Optional.of(otherwise);
        }
        return matching.stream()
                .filter(t -> t.getTolerationSeconds() != null)
                .map(t -> Duration.ofSeconds(Math.max(0, t.getTolerationSeconds())))
                .min(Duration::compareTo);
    }

    private static boolean is(Taint taint, String key, String effect) {
        return taint.getKey().equals(key) && taint.getEffect().equals(effect);
    }

    private static Taint taint(String key, String effect, Instant now) {
        return new TaintBuilder()
                .withKey(key)
                .withEffect(effect)
                .withTimeAdded(effect.equals("NoExecute") ? now.toString() : null)
                .build();
    }
}
