package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Rule sets as Services could make them; the same ones for the same seed. */
final class GeneratedRules {

    private GeneratedRules() {}

    /** A few rules; the first two of {@code backends} are on the node. */
    static RuleSet any(Random random, List<Backend> backends, AddressPlan plan) {
        List<ServiceRule> rules = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            if (random.nextInt(4) > 0) {
                rules.add(rule(random, i, backends, plan));
            }
        }
        return new RuleSet(rules);
    }

    private static ServiceRule rule(
            Random random, int number, List<Backend> backends, AddressPlan plan) {
        List<Backend> all = backends.stream().filter(_ -> random.nextInt(3) > 0).toList();
        List<Backend> local = all.stream().filter(backends.subList(0, 2)::contains).toList();
        boolean internalLocal = random.nextInt(4) == 0;
        boolean externalLocal = random.nextBoolean();
        List<Front> fronts = new ArrayList<>();
        fronts.add(new Front(Kind.CLUSTER, plan.services().address(20 + number), 80));
        if (random.nextBoolean()) {
            fronts.add(new Front(Kind.NODE, plan.node(1), 32000 + number));
        }
        if (random.nextBoolean()) {
            fronts.add(new Front(Kind.BALANCER, plan.loadBalancers().address(20 + number), 80));
        }
        if (random.nextBoolean()) {
            fronts.add(new Front(Kind.EXTERNAL, "203.0.113." + (20 + number), 80));
        }
        return new ServiceRule(
                "default/generated" + number,
                Protocol.TCP,
                fronts,
                new Targets(
                        internalLocal ? local : all,
                        all,
                        externalLocal ? local : all,
                        externalLocal),
                0,
                ranges(random, plan));
    }

    private static List<Cidr> ranges(Random random, AddressPlan plan) {
        return switch (random.nextInt(4)) {
            case 0 -> List.of(plan.nodes());
            case 1 -> List.of(plan.pods(), Cidr.of(plan.pods().address(256) + "/24"));
            default -> List.of();
        };
    }
}
