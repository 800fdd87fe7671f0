package dev.coracle.apiserver.registry.rbac;

import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.table.Columns;

/** Roles and ClusterRoles. */
public final class Roles {

    static final String GROUP = "rbac.authorization.k8s.io";

    private Roles() {}

    public static ResourceStrategy role() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                GROUP, "v1", "Role", "roles", "io.k8s.api.rbac.v1.Role"))
                .printedBy(Columns.named().createdAt())
                .named(Names::pathSegment)
                .rules(role -> role.each("rules", rule -> rule(rule, true)))
                .build();
    }

    public static ResourceStrategy clusterRole() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                GROUP,
                                "v1",
                                "ClusterRole",
                                "clusterroles",
                                "io.k8s.api.rbac.v1.ClusterRole"))
                .printedBy(Columns.named().createdAt())
                .named(Names::pathSegment)
                .rules(role -> {
                    role.each("rules", rule -> rule(rule, false));
                    role.ifPresent(
                            "aggregationRule",
                            aggregation -> {
                                aggregation.required(
                                        "clusterRoleSelectors",
                                        "at least one clusterRoleSelector required if aggregationRule"
                                                + " is non-nil");
                                aggregation.each(
                                        "clusterRoleSelectors", selector -> selector.selector(""));
                            });
                })
                .build();
    }

    private static void rule(Check rule, boolean namespaced) {
        rule.required("verbs", "verbs must contain at least one value");
        if (rule.has("nonResourceURLs")) {
            if (namespaced) {
                rule.invalid(
                        "nonResourceURLs", "namespaced rules cannot apply to non-resource URLs");
            }
            if (rule.has("apiGroups") || rule.has("resources") || rule.has("resourceNames")) {
                rule.invalid(
                        "nonResourceURLs",
                        "rules cannot apply to both regular resources and non-resource URLs");
            }
            return;
        }
        rule.required("apiGroups", "resource rules must supply at least one api group");
        rule.required("resources", "resource rules must supply at least one resource");
    }
}
