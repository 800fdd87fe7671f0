package dev.coracle.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much of the processors of all ready nodes each zone has; control plane nodes do not count.
 * Pure.
 *
 * @param shares by zone, together 1; empty if a node has no zone or no processors, or if there are
 *     fewer than two zones
 */
record ZoneShares(Map<String, Double> shares) {

    static final String ZONE = "topology.kubernetes.io/zone";
    private static final String CONTROL_PLANE = "node-role.kubernetes.io/control-plane";
    private static final String MASTER = "node-role.kubernetes.io/master";

    ZoneShares {
        shares = Map.copyOf(shares);
    }

    static ZoneShares of(Collection<Node> nodes) {
        Map<String, BigDecimal> processors = new TreeMap<>();
        BigDecimal all = BigDecimal.ZERO;
        for (Node node : nodes) {
            Map<String, String> labels = node.getMetadata().getLabels();
            boolean controls =
                    labels != null
                            && (labels.containsKey(CONTROL_PLANE) || labels.containsKey(MASTER));
            if (controls || !isReady(node)) {
                continue;
            }
            String zone = labels == null ? "" : labels.getOrDefault(ZONE, "");
            BigDecimal cpu = processors(node);
            if (zone.isEmpty() || cpu.signum() == 0) {
                return new ZoneShares(Map.of());
            }
            processors.merge(zone, cpu, BigDecimal::add);
            all = all.add(cpu);
        }
        Map<String, Double> shares = new TreeMap<>();
        if (processors.size() > 1) {
            for (Map.Entry<String, BigDecimal> zone : processors.entrySet()) {
                shares.put(
                        zone.getKey(),
                        zone.getValue().divide(all, MathContext.DECIMAL64).doubleValue());
            }
        }
        return new ZoneShares(shares);
    }

    private static BigDecimal processors(Node node) {
        Map<String, Quantity> allocatable =
                node.getStatus() == null ? null : node.getStatus().getAllocatable();
        Quantity cpu = allocatable == null ? null : allocatable.get("cpu");
        return cpu == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(cpu);
    }

    private static boolean isReady(Node node) {
        if (node.getStatus() == null || node.getStatus().getConditions() == null) {
            return false;
        }
        for (NodeCondition condition : node.getStatus().getConditions()) {
            if ("Ready".equals(condition.getType())) {
                return "True".equals(condition.getStatus());
            }
        }
        return false;
    }
}
