package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Amounts of resources by resource name, in base units; one pod is {@code pods: 1}. */
record Demand(Map<String, BigDecimal> amounts) {

    static final Demand NOTHING = new Demand(Map.of());

    Demand {
        amounts = Map.copyOf(amounts);
    }

    static Demand of(@Nullable Map<String, Quantity> quantities) {
        Map<String, BigDecimal> amounts = new TreeMap<>();
        if (quantities != null) {
            quantities.forEach(
                    (name, quantity) -> amounts.put(name, quantity.getNumericalAmount()));
        }
        return new Demand(amounts);
    }

    /** The sum of the containers, or the largest init container if that is more; and one pod. */
    static Demand of(Pod pod) {
        Demand sum = NOTHING;
        for (Container container : pod.getSpec().getContainers()) {
            sum = sum.plus(of(container));
        }
        if (pod.getSpec().getInitContainers() != null) {
            for (Container container : pod.getSpec().getInitContainers()) {
                sum =
                        "Always".equals(container.getRestartPolicy())
                                ? sum.plus(of(container))
                                : sum.max(of(container));
            }
        }
        if (pod.getSpec().getOverhead() != null) {
            sum = sum.plus(of(pod.getSpec().getOverhead()));
        }
        return sum.plus(new Demand(Map.of("pods", BigDecimal.ONE)));
    }

    Demand plus(Demand other) {
        Map<String, BigDecimal> sum = new TreeMap<>(amounts);
        other.amounts.forEach((name, amount) -> sum.merge(name, amount, BigDecimal::add));
        return new Demand(sum);
    }

    Demand max(Demand other) {
        Map<String, BigDecimal> larger = new TreeMap<>(amounts);
        other.amounts.forEach((name, amount) -> larger.merge(name, amount, BigDecimal::max));
        return new Demand(larger);
    }

    BigDecimal amount(String name) {
        return amounts.getOrDefault(name, BigDecimal.ZERO);
    }

    private static Demand of(Container container) {
        return container.getResources() == null
                ? NOTHING
                : of(container.getResources().getRequests());
    }
}
