package dev.coracle.controllers.clusterrole;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Gives a ClusterRole with an {@code aggregationRule} the rules of all roles its selectors match
 * (Kubernetes: Using RBAC Authorization, "Aggregated ClusterRoles").
 */
public final class ClusterRoleAggregationController {

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final ControlLoop<NamespacedName> loop;

    public ClusterRoleAggregationController(KubernetesClient client, ClusterInformers informers) {
        this.client = client;
        this.informers = informers;
        this.loop = new ControlLoop<>("clusterrole-aggregation", 1, this::reconcile);
        informers.clusterRoles.onAnyChange(changed -> enqueueAggregated());
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void enqueueAggregated() {
        informers.clusterRoles.list().stream()
                .filter(role -> role.getAggregationRule() != null)
                .forEach(role -> loop.enqueue(NamespacedName.of(role)));
    }

    private void reconcile(NamespacedName key) {
        informers
                .clusterRoles
                .find(key)
                .filter(role -> role.getAggregationRule() != null)
                .ifPresent(this::aggregate);
    }

    private void aggregate(ClusterRole role) {
        List<PolicyRule> rules = aggregated(role, informers.clusterRoles.list());
        if (!rules.equals(role.getRules())) {
            client.resource(new ClusterRoleBuilder(role).withRules(rules).build()).update();
        }
    }

    /** The rules of the selected roles in the order of their names, each once. */
    static List<PolicyRule> aggregated(ClusterRole role, List<ClusterRole> all) {
        List<PolicyRule> rules = new ArrayList<>();
        for (LabelSelector selector : role.getAggregationRule().getClusterRoleSelectors()) {
            all.stream()
                    .filter(other ->
                            !other.getMetadata().getName().equals(role.getMetadata().getName()))
                    .filter(other -> Selectors.selects(selector, Selectors.labels(other)))
                    .sorted(Comparator.comparing(other -> other.getMetadata().getName()))
                    .flatMap(other -> other.getRules().stream())
                    .filter(rule -> !rules.contains(rule))
                    .forEach(rules::add);
        }
        return rules;
    }
}
