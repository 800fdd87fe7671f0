package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Nobody gives away rights he does not have (Kubernetes: Using RBAC Authorization, "Privilege
 * escalation prevention and bootstrapping"), unless he may {@code escalate} the role or {@code
 * bind} it.
 */
public final class GrantCheck {

    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final List<String> ALL = List.of("*");
    private static final List<PolicyRule> EVERYTHING =
            List.of(
                    new PolicyRule(ALL, ALL, ALL, List.of(), List.of()),
                    new PolicyRule(ALL, List.of(), List.of(), List.of(), ALL));

    private final RbacAuthorizer authorizer;
    private final WatchCache cache;

    public GrantCheck(RbacAuthorizer authorizer, WatchCache cache) {
        this.authorizer = authorizer;
        this.cache = cache;
    }

    /**
     * Looks at a write before it is stored; roles and bindings only.
     *
     * @param resource the plural
     * @param asked the name in the request's path; empty for a create
     * @throws ApiException 403 with the missing rules, 404 for a binding to a role that is not
     *     there
     */
    public void check(User user, String group, String resource, String asked, ApiObject object) {
        if (!group.equals(GROUP) || user.groups().contains(User.MASTERS)) {
            return;
        }
        Optional<ApiObject> old =
                cache.find(resource + "." + GROUP, object.key()).map(CachedObject::toObject);
        if (!asked.isEmpty() && old.filter(before -> isSettled(before, object)).isPresent()) {
            return;
        }
        switch (resource) {
            case "roles", "clusterroles" -> checkRole(user, resource, asked, object, old);
            case "rolebindings", "clusterrolebindings" -> checkBinding(user, resource, object);
            default -> {}
        }
    }

    /** Whether only what the garbage collector writes is different. */
    private static boolean isSettled(ApiObject old, ApiObject updated) {
        return comparable(old).equals(comparable(updated));
    }

    private static ObjectNode comparable(ApiObject object) {
        ApiObject copy = object.copy();
        copy.metadata()
                .remove(
                        List.of(
                                "ownerReferences",
                                "finalizers",
                                "managedFields",
                                "selfLink",
                                "resourceVersion"));
        return copy.tree();
    }

    private void checkRole(
            User user, String resource, String asked, ApiObject role, Optional<ApiObject> old) {
        if (allows(user, "escalate", resource, role.namespace(), asked)) {
            return;
        }
        require(user, resource, role, PolicyRule.list(role.at("rules")));
        boolean aggregates =
                isAggregated(role)
                        || (!asked.isEmpty() && old.filter(GrantCheck::isAggregated).isPresent());
        if (aggregates && !authorizer.beyond(user, "", EVERYTHING).isEmpty()) {
            throw ApiException.forbidden(
                    GROUP,
                    resource,
                    role.name(),
                    "must have cluster-admin privileges to use an aggregationRule");
        }
    }

    private static boolean isAggregated(ApiObject role) {
        return Json.isPresent(role.at("aggregationRule.clusterRoleSelectors"));
    }

    private void checkBinding(User user, String resource, ApiObject binding) {
        String roles =
                switch (binding.text("roleRef.kind")) {
                    case "Role" -> "roles";
                    case "ClusterRole" -> "clusterroles";
                    default -> "";
                };
        String name = binding.text("roleRef.name");
        if (roles.isEmpty() || name.isEmpty()) {
            // refused by validation
            return;
        }
        if (allows(user, "bind", roles, binding.namespace(), name)) {
            return;
        }
        String home = roles.equals("roles") ? binding.namespace() : "";
        ApiObject role =
                cache.find(roles + "." + GROUP, new NamespacedName(home, name))
                        .map(CachedObject::toObject)
                        .orElseThrow(() -> ApiException.notFound(GROUP, roles, name));
        require(user, resource, binding, PolicyRule.list(role.at("rules")));
    }

    private boolean allows(User user, String verb, String resource, String namespace, String name) {
        return authorizer
                .decide(user, new Attributes(verb, GROUP, "*", resource, "", namespace, name, ""))
                .allowed();
    }

    private void require(User user, String resource, ApiObject object, List<PolicyRule> rules) {
        List<PolicyRule> missing = authorizer.beyond(user, object.namespace(), rules);
        if (!missing.isEmpty()) {
            throw ApiException.forbidden(
                    GROUP,
                    resource,
                    object.name(),
                    "user \""
                            + user.name()
                            + "\" (groups="
                            + PolicyRule.quoted(user.groups())
                            + ") is attempting to grant RBAC permissions not currently held:\n"
                            + missing.stream()
                                    .map(PolicyRule::compact)
                                    .sorted()
                                    .distinct()
                                    .collect(Collectors.joining("\n")));
        }
    }
}
