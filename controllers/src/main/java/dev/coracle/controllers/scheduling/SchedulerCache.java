package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.ownership.Selectors;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes and the pods on them, kept up by events, with the pods that a decision has put
 * somewhere and whose binding has not been seen yet (assumed).
 *
 * <p>Thread-safe. A view copies the nodes that changed since the last one and no others.
 */
final class SchedulerCache {

    private record Seat(String node, PlacedPod pod, boolean assumed) {}

    private final Map<String, NodeFacts> nodes = new LinkedHashMap<>();
    private final Map<String, Map<String, PlacedPod>> byNode = new HashMap<>();
    private final Map<String, Seat> seats = new HashMap<>();
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();
    private final Map<String, Map<String, PlacedPod>> nominated = new HashMap<>();
    private final Map<String, String> nominations = new HashMap<>();
    private final Map<String, Integer> imageNodes = new HashMap<>();

    private final Set<String> changed = new HashSet<>();
    private boolean reshaped = true;
    private final Map<String, Integer> places = new HashMap<>();
    private List<NodeState> states = List.of();
    private Map<String, Map<String, String>> namespaceLabels = Map.of();
    private Map<String, Integer> imageCounts = Map.of();
    private List<NodeState> opinionated = List.of();

    /** Takes over a node's newest form; null if it is gone. */
    synchronized void nodeChanged(String name, @Nullable Node node) {
        NodeFacts before = nodes.get(name);
        NodeFacts after = node == null ? null : NodeFacts.of(node);
        if (after == null) {
            nodes.remove(name);
        } else {
            nodes.put(name, after);
        }
        recount(
                before == null ? Map.of() : before.images(),
                after == null ? Map.of() : after.images());
        reshaped |= (before == null) != (after == null);
        changed.add(name);
    }

    private void recount(Map<String, Long> before, Map<String, Long> after) {
        if (!before.equals(after)) {
            before.keySet().forEach(image -> imageNodes.merge(image, -1, Integer::sum));
            after.keySet().forEach(image -> imageNodes.merge(image, 1, Integer::sum));
            imageNodes.values().removeIf(count -> count == 0);
            imageCounts = Map.copyOf(imageNodes);
        }
    }

    synchronized void namespaceChanged(String name, @Nullable Namespace namespace) {
        if (namespace == null) {
            namespaces.remove(name);
        } else {
            namespaces.put(name, Selectors.labels(namespace));
        }
        namespaceLabels = Map.copyOf(namespaces);
    }

    /** A pod as the informer shows it, bound to a node; what was assumed of it is over. */
    synchronized void seen(Pod pod) {
        seat(PlacedPod.of(pod), pod.getSpec().getNodeName(), false);
        nominate(pod.getMetadata().getUid(), null, null);
    }

    /** A pod that takes no place any more. */
    synchronized void gone(String uid) {
        unseat(uid);
        nominate(uid, null, null);
    }

    /** A pod without a node, which may have room made for it. */
    synchronized void pending(Pod pod) {
        String node = pod.getStatus() == null ? null : pod.getStatus().getNominatedNodeName();
        nominate(
                pod.getMetadata().getUid(),
                node == null || node.isEmpty() ? null : node,
                node == null || node.isEmpty() ? null : PlacedPod.of(pod));
    }

    /** Counts a pod where it will be bound. */
    synchronized void assume(PlacedPod pod, String node) {
        seat(pod, node, true);
    }

    /** Takes an assumption back, unless the binding has been seen. */
    synchronized void forget(String uid) {
        Seat seat = seats.get(uid);
        if (seat != null && seat.assumed()) {
            unseat(uid);
        }
    }

    /** Whether the pod has a place, seen or assumed. */
    synchronized boolean isPlaced(String uid) {
        return seats.containsKey(uid);
    }

    /** The cluster now. The lists are not changed afterwards. */
    synchronized ClusterView view() {
        if (reshaped) {
            Map<String, NodeState> known = new HashMap<>();
            states.forEach(state -> known.put(state.name(), state));
            known.keySet().removeAll(changed);
            places.clear();
            List<NodeState> all = new ArrayList<>(nodes.size());
            for (String name : nodes.keySet()) {
                NodeState same = known.get(name);
                places.put(name, all.size());
                all.add(same == null ? state(name) : same);
            }
            states = all;
            opinionated = ClusterView.opinionated(states);
            reshaped = false;
        } else if (!changed.isEmpty()) {
            boolean matters = false;
            List<NodeState> all = new ArrayList<>(states);
            for (String name : changed) {
                Integer place = places.get(name);
                if (place != null) {
                    NodeState state = state(name);
                    matters |= state.isOpinionated() || all.get(place).isOpinionated();
                    all.set(place, state);
                }
            }
            states = all;
            opinionated = matters ? ClusterView.opinionated(states) : opinionated;
        }
        changed.clear();
        Map<String, List<PlacedPod>> hopes = new HashMap<>();
        nominated.forEach((node, pods) -> hopes.put(node, List.copyOf(pods.values())));
        return new ClusterView(states, opinionated, namespaceLabels, hopes, imageCounts);
    }

    private NodeState state(String name) {
        return new NodeState(
                Objects.requireNonNull(nodes.get(name)),
                byNode.getOrDefault(name, Map.of()).values());
    }

    private void seat(PlacedPod pod, String node, boolean assumed) {
        unseat(pod.uid());
        seats.put(pod.uid(), new Seat(node, pod, assumed));
        byNode.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(pod.uid(), pod);
        changed.add(node);
    }

    private void unseat(String uid) {
        Seat seat = seats.remove(uid);
        if (seat != null) {
            Map<String, PlacedPod> there = byNode.getOrDefault(seat.node(), new HashMap<>());
            there.remove(uid);
            if (there.isEmpty()) {
                byNode.remove(seat.node());
            }
            changed.add(seat.node());
        }
    }

    private void nominate(String uid, @Nullable String node, @Nullable PlacedPod pod) {
        String before = nominations.remove(uid);
        if (before != null) {
            Map<String, PlacedPod> there = nominated.getOrDefault(before, new HashMap<>());
            there.remove(uid);
            if (there.isEmpty()) {
                nominated.remove(before);
            }
        }
        if (node != null && pod != null) {
            nominations.put(uid, node);
            nominated.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(uid, pod);
        }
    }
}
