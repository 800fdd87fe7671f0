package dev.coracle.controllers.clusterrole;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterRoleAggregationControllerTest {

    private static final ClusterRole VIEW =
            new ClusterRoleBuilder(role("view", "other", "none"))
                    .withNewAggregationRule()
                    .addNewClusterRoleSelector()
                    .addToMatchLabels("aggregate", "yes")
                    .endClusterRoleSelector()
                    .endAggregationRule()
                    .build();

    @Test
    void takesTheRulesOfMatchingRolesInTheOrderOfTheirNames() {
        List<PolicyRule> rules =
                ClusterRoleAggregationController.aggregated(
                        VIEW,
                        List.of(
                                VIEW,
                                role("b", "yes", "pods"),
                                role("a", "yes", "services"),
                                role("c", "no", "secrets")));

        assertThat(rules)
                .extracting(rule -> rule.getResources().getFirst())
                .containsExactly("services", "pods");
    }

    @Test
    void takesARuleOnce() {
        List<PolicyRule> rules =
                ClusterRoleAggregationController.aggregated(
                        VIEW, List.of(role("a", "yes", "pods"), role("b", "yes", "pods")));

        assertThat(rules).hasSize(1);
    }

    private static ClusterRole role(String name, String aggregate, String resource) {
        return new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("aggregate", aggregate)
                .endMetadata()
                .addNewRule()
                .withApiGroups("")
                .withResources(resource)
                .withVerbs("get")
                .endRule()
                .build();
    }
}
