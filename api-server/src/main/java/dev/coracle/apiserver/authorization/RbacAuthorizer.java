package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.pcollections.TreePMap;

/**
 * Decides by the roles and bindings that are stored. Thread-safe: works on an immutable reading of
 * them, made anew when one has changed.
 */
public final class RbacAuthorizer {

    private static final String GROUP = ".rbac.authorization.k8s.io";

    private final WatchCache cache;
    private volatile Policies policies = Policies.none();

    public RbacAuthorizer(WatchCache cache) {
        this.cache = cache;
    }

    /**
     * The answer.
     *
     * @param reason which binding allows it, or why a node may not; empty when there is none
     */
    public record Decision(boolean allowed, String reason) {}

    private record Role(List<PolicyRule> rules) {}

    /** All roles and bindings, and what they were read from. */
    private record Policies(
            List<TreePMap<NamespacedName, CachedObject>> sources,
            Map<NamespacedName, Role> roles,
            Map<String, List<RoleBinding>> bindings) {

        static Policies none() {
            return new Policies(List.of(), Map.of(), Map.of());
        }
    }

    public Decision decide(User user, Attributes wanted) {
        if (user.groups().contains(User.MASTERS)) {
            return new Decision(true, "");
        }
        List<RoleBinding> found = new ArrayList<>();
        visit(
                user,
                wanted.namespace(),
                (binding, rule) -> {
                    if (rule.allows(wanted)) {
                        found.add(binding);
                    }
                    return found.isEmpty();
                });
        return found.isEmpty()
                ? new Decision(false, "")
                : new Decision(true, found.getFirst().reason(user));
    }

    /** What a ClusterRole allows; nothing if there is none of that name. */
    List<PolicyRule> rulesOf(String clusterRole) {
        return role(current(), "ClusterRole", "", clusterRole).rules();
    }

    /** What the user may do in a namespace, and everywhere. */
    public List<PolicyRule> rules(User user, String namespace) {
        List<PolicyRule> rules = new ArrayList<>();
        if (user.groups().contains(User.MASTERS)) {
            List<String> all = List.of("*");
            rules.add(new PolicyRule(all, all, all, List.of(), List.of()));
            rules.add(new PolicyRule(all, List.of(), List.of(), List.of(), all));
        }
        visit(user, namespace, (_, rule) -> rules.add(rule));
        return rules;
    }

    /** Which of {@code wanted} the user does not have himself, and so may not give to others. */
    public List<PolicyRule> beyond(User user, String namespace, List<PolicyRule> wanted) {
        return PolicyRule.missing(rules(user, namespace), wanted);
    }

    /** Shows every rule that holds for the user, until {@code more} says no. */
    private void visit(User user, String namespace, BiPredicate<RoleBinding, PolicyRule> more) {
        Policies now = current();
        List<RoleBinding> bindings = new ArrayList<>(now.bindings().getOrDefault("", List.of()));
        if (!namespace.isEmpty()) {
            bindings.addAll(now.bindings().getOrDefault(namespace, List.of()));
        }
        for (RoleBinding binding : bindings) {
            if (binding.binds(user)) {
                for (PolicyRule rule :
                        role(now, binding.roleKind(), binding.namespace(), binding.roleName())
                                .rules()) {
                    if (!more.test(binding, rule)) {
                        return;
                    }
                }
            }
        }
    }

    private static Role role(Policies policies, String kind, String namespace, String name) {
        NamespacedName key = new NamespacedName(kind.equals("Role") ? namespace : "", name);
        return policies.roles().getOrDefault(key, new Role(List.of()));
    }

    private Policies current() {
        List<TreePMap<NamespacedName, CachedObject>> sources =
                List.of(
                        cache.snapshot("clusterroles" + GROUP).objects(),
                        cache.snapshot("roles" + GROUP).objects(),
                        cache.snapshot("clusterrolebindings" + GROUP).objects(),
                        cache.snapshot("rolebindings" + GROUP).objects());
        Policies known = policies;
        if (isSame(known.sources(), sources)) {
            return known;
        }
        Map<NamespacedName, Role> roles = new HashMap<>();
        for (var source : sources.subList(0, 2)) {
            source.forEach((key, object) ->
                    roles.put(key, new Role(PolicyRule.list(object.toObject().at("rules")))));
        }
        Map<String, List<RoleBinding>> bindings = new HashMap<>();
        for (var source : sources.subList(2, 4)) {
            source.forEach((key, object) ->
                    bindings.computeIfAbsent(key.namespace(), _ -> new ArrayList<>())
                            .add(RoleBinding.of(object.toObject())));
        }
        Policies read = new Policies(sources, roles, bindings);
        policies = read;
        return read;
    }

    /** Whether nothing was written since: the maps are immutable, so the same map is the same. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(
            List<TreePMap<NamespacedName, CachedObject>> left,
            List<TreePMap<NamespacedName, CachedObject>> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (left.get(i) != right.get(i)) {
                return false;
            }
        }
        return true;
    }
}
