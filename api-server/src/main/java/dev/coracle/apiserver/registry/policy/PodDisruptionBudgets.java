package dev.coracle.apiserver.registry.policy;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.table.Columns;

/** PodDisruptionBudgets. */
public final class PodDisruptionBudgets {

    private PodDisruptionBudgets() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "policy",
                                        "v1",
                                        "PodDisruptionBudget",
                                        "poddisruptionbudgets",
                                        "io.k8s.api.policy.v1.PodDisruptionBudget")
                                .withShortNames("pdb")
                                .with(Subresource.STATUS))
                .printedBy(
                        Columns.named()
                                .text("Min Available", budget -> limit(budget, "minAvailable"))
                                .text("Max Unavailable", budget -> limit(budget, "maxUnavailable"))
                                .integer(
                                        "Allowed Disruptions",
                                        budget -> budget.at("status.disruptionsAllowed").asLong(0))
                                .age())
                .onCreate(budget ->
                        budget.status()
                                .put("disruptionsAllowed", 0)
                                .put("currentHealthy", 0)
                                .put("desiredHealthy", 0)
                                .put("expectedPods", 0))
                .withGeneration()
                .statusRules(status ->
                        status.notNegative("disruptionsAllowed")
                                .notNegative("currentHealthy")
                                .notNegative("desiredHealthy")
                                .notNegative("expectedPods"))
                .rules(budget -> rules(budget.in("spec")))
                .build();
    }

    private static void rules(Check spec) {
        if (spec.node().has("minAvailable") && spec.node().has("maxUnavailable")) {
            spec.invalid("minAvailable and maxUnavailable cannot be both set");
        }
        spec.countOrPercent("minAvailable")
                .countOrPercent("maxUnavailable")
                .selector("selector")
                .supported("unhealthyPodEvictionPolicy", "AlwaysAllow", "IfHealthyBudget");
    }

    private static String limit(ApiObject budget, String member) {
        return Columns.orElse(budget.text("spec." + member), "N/A");
    }
}
