package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Amounts of resources, rounded up to whole units.
 *
 * @param cpu in thousandths
 * @param pods one pod is one
 * @param others by resource name
 */
record Demand(long cpu, long memory, long pods, Map<String, Long> others) {

    static final Demand NOTHING = new Demand(0, 0, 0, Map.of());
    private static final Demand ONE_POD = new Demand(0, 0, 1, Map.of());

    /** What a container that asks for nothing counts as in scores. */
    private static final long ASSUMED_CPU = 100;

    private static final long ASSUMED_MEMORY = 200L << 20;

    static Demand of(@Nullable Map<String, Quantity> quantities) {
        return quantities == null ? NOTHING : of(quantities, 0, 0);
    }

    private static Demand of(Map<String, Quantity> quantities, long cpu, long memory) {
        long pods = 0;
        Map<String, Long> others = Map.of();
        for (Map.Entry<String, Quantity> each : quantities.entrySet()) {
            BigDecimal amount = each.getValue().getNumericalAmount();
            switch (each.getKey()) {
                case "cpu" -> cpu = ceiling(amount.movePointRight(3));
                case "memory" -> memory = ceiling(amount);
                case "pods" -> pods = ceiling(amount);
                default -> {
                    others = others.isEmpty() ? new HashMap<>() : others;
                    others.put(each.getKey(), ceiling(amount));
                }
            }
        }
        return new Demand(cpu, memory, pods, others);
    }

    private static long ceiling(BigDecimal amount) {
        return amount.setScale(0, RoundingMode.CEILING)
                .min(BigDecimal.valueOf(Long.MAX_VALUE / 1000))
                .longValue();
    }

    /** The sum of the containers, or the largest init container if that is more; and one pod. */
    static Demand of(Pod pod) {
        return of(pod, 0, 0);
    }

    /** The same, where a container that says nothing about cpu or memory counts as a small one. */
    static Demand assumedOf(Pod pod) {
        return of(pod, ASSUMED_CPU, ASSUMED_MEMORY);
    }

    private static Demand of(Pod pod, long cpu, long memory) {
        Demand sum = NOTHING;
        for (Container container : pod.getSpec().getContainers()) {
            sum = sum.plus(of(container, cpu, memory));
        }
        List<Container> first = pod.getSpec().getInitContainers();
        for (Container container : first == null ? List.<Container>of() : first) {
            sum =
                    "Always".equals(container.getRestartPolicy())
                            ? sum.plus(of(container, cpu, memory))
                            : sum.max(of(container, cpu, memory));
        }
        return sum.plus(of(pod.getSpec().getOverhead())).plus(ONE_POD);
    }

    private static Demand of(Container container, long cpu, long memory) {
        var resources = container.getResources();
        return of(
                resources == null || resources.getRequests() == null
                        ? Map.of()
                        : resources.getRequests(),
                cpu,
                memory);
    }

    Demand plus(Demand more) {
        return new Demand(
                cpu + more.cpu, memory + more.memory, pods + more.pods, join(more, Long::sum));
    }

    Demand max(Demand other) {
        return new Demand(
                Math.max(cpu, other.cpu),
                Math.max(memory, other.memory),
                Math.max(pods, other.pods),
                join(other, Math::max));
    }

    private Map<String, Long> join(Demand other, BinaryOperator<Long> operator) {
        if (others.isEmpty() || other.others.isEmpty()) {
            return others.isEmpty() ? other.others : others;
        }
        Map<String, Long> joined = new HashMap<>(others);
        other.others.forEach((name, amount) -> joined.merge(name, amount, operator));
        return joined;
    }

    long other(String name) {
        return others.getOrDefault(name, 0L);
    }
}
