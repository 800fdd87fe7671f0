package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decides what users may do: nodes by what runs on them, and everybody by roles. Thread-safe. */
public final class Authorizer {

    private final RbacAuthorizer roles;
    private final NodeAuthorizer nodes;

    public Authorizer(WatchCache cache) {
        this.roles = new RbacAuthorizer(cache);
        this.nodes = new NodeAuthorizer(cache, roles);
    }

    /** The roles alone: what can be listed, and given to others. */
    public RbacAuthorizer roles() {
        return roles;
    }

    /** What the user may do in a namespace, and everywhere; of a node more than it may. */
    public List<PolicyRule> rules(User user, String namespace) {
        List<PolicyRule> rules = new ArrayList<>(roles.rules(user, namespace));
        if (user.node().isPresent()) {
            rules.addAll(nodes.rules());
        }
        return rules;
    }

    public RbacAuthorizer.Decision decide(User user, Attributes wanted) {
        Optional<String> node = user.node();
        if (node.isEmpty()) {
            return roles.decide(user, wanted);
        }
        RbacAuthorizer.Decision asNode = nodes.decide(node.get(), wanted);
        if (asNode.allowed()) {
            return asNode;
        }
        RbacAuthorizer.Decision byRole = roles.decide(user, wanted);
        return byRole.allowed() ? byRole : asNode;
    }
}
