package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authorization.RbacAuthorizer.Decision;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.List;
import java.util.Set;

/**
 * What a node may do: what ClusterRole {@code system:node} says, but of the objects that pods use
 * only those that a pod on this node uses (Kubernetes: Using Node Authorization).
 */
final class NodeAuthorizer {

    private static final String ROLE = "system:node";
    private static final Set<String> READ = Set.of("get", "list", "watch");

    private final WatchCache cache;
    private final RbacAuthorizer roles;

    NodeAuthorizer(WatchCache cache, RbacAuthorizer roles) {
        this.cache = cache;
        this.roles = roles;
    }

    Decision decide(String node, Attributes wanted) {
        return switch (wanted.group() + "/" + wanted.resource()) {
            case "/secrets", "/configmaps" -> read(node, wanted, READ);
            case "/persistentvolumeclaims", "/persistentvolumes" ->
                    read(node, wanted, Set.of("get"));
            case "/serviceaccounts" ->
                    wanted.subresource().equals("token") && wanted.verb().equals("create")
                            ? related(node, wanted)
                            : byRole(wanted);
            case "coordination.k8s.io/leases" -> lease(node, wanted);
            default -> byRole(wanted);
        };
    }

    /** Those of the role. */
    List<PolicyRule> rules() {
        return roles.rulesOf(ROLE);
    }

    private Decision byRole(Attributes wanted) {
        return new Decision(rules().stream().anyMatch(rule -> rule.allows(wanted)), "");
    }

    private Decision read(String node, Attributes wanted, Set<String> verbs) {
        if (!verbs.contains(wanted.verb()) || !wanted.subresource().isEmpty()) {
            return no("can only read resources of this type");
        }
        return wanted.name().isEmpty() ? no("No Object name found") : related(node, wanted);
    }

    private static Decision lease(String node, Attributes wanted) {
        if (!wanted.namespace().equals("kube-node-lease")) {
            return no("can only access leases in the \"kube-node-lease\" system namespace");
        }
        boolean known =
                Set.of("get", "create", "update", "patch", "delete").contains(wanted.verb());
        // the name of a new one is in its body, which is looked at later
        return known && (wanted.verb().equals("create") || wanted.name().equals(node))
                ? new Decision(true, "")
                : no("can only access node lease with the same name as the requesting node");
    }

    private Decision related(String node, Attributes wanted) {
        boolean related =
                wanted.resource().equals("persistentvolumes")
                        ? usesVolume(node, wanted.name())
                        : uses(
                                node,
                                wanted.resource(),
                                new NamespacedName(wanted.namespace(), wanted.name()));
        return related
                ? new Decision(true, "")
                : no("no relationship found between node '" + node + "' and this object");
    }

    private boolean usesVolume(String node, String name) {
        return cache.find("persistentvolumes", new NamespacedName("", name))
                .map(CachedObject::toObject)
                .filter(volume -> {
                    NamespacedName claim =
                            new NamespacedName(
                                    volume.text("spec.claimRef.namespace"),
                                    volume.text("spec.claimRef.name"));
                    return uses(node, "persistentvolumeclaims", claim);
                })
                .isPresent();
    }

    private boolean uses(String node, String resource, NamespacedName object) {
        return cache.snapshot("pods").in(object.namespace()).values().stream()
                .filter(pod -> node.equals(pod.fields().get("spec.nodeName")))
                .map(pod -> new PodUses(pod.toObject()))
                .anyMatch(uses ->
                        uses.names(resource).contains(object.name())
                                || (resource.equals("secrets")
                                        && accountUses(uses.account(), object)));
    }

    /** Whether it is a pull secret of the pod's account. */
    private boolean accountUses(String account, NamespacedName secret) {
        return cache.find("serviceaccounts", new NamespacedName(secret.namespace(), account))
                .map(CachedObject::toObject)
                .filter(found ->
                        Json.objects(found.at("imagePullSecrets")).stream()
                                .anyMatch(each -> Json.text(each, "name").equals(secret.name())))
                .isPresent();
    }

    private static Decision no(String why) {
        return new Decision(false, why);
    }
}
