package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Subjects and the role they are given.
 *
 * @param namespace empty for a ClusterRoleBinding
 * @param roleKind Role or ClusterRole
 */
record RoleBinding(
        String namespace,
        String name,
        String roleKind,
        String roleName,
        Set<String> users,
        Set<String> groups) {

    static RoleBinding of(ApiObject object) {
        Set<String> users = new HashSet<>();
        Set<String> groups = new HashSet<>();
        for (JsonNode subject : Json.objects(object.at("subjects"))) {
            String name = Json.text(subject, "name");
            switch (Json.text(subject, "kind")) {
                case "User" -> users.add(name);
                case "Group" -> groups.add(name);
                case "ServiceAccount" ->
                        users.add(
                                "system:serviceaccount:"
                                        + home(subject, object.namespace())
                                        + ":"
                                        + name);
                default -> {}
            }
        }
        return new RoleBinding(
                object.namespace(),
                object.name(),
                object.text("roleRef.kind"),
                object.text("roleRef.name"),
                users,
                groups);
    }

    /** An account without a namespace is one of the binding's own. */
    private static String home(JsonNode subject, String own) {
        String namespace = Json.text(subject, "namespace");
        return namespace.isEmpty() ? own : namespace;
    }

    boolean binds(User user) {
        return users.contains(user.name()) || user.groups().stream().anyMatch(groups::contains);
    }

    /** As an answer to a review explains itself. */
    String reason(User user) {
        String kind = namespace.isEmpty() ? "ClusterRoleBinding" : "RoleBinding";
        String binding = namespace.isEmpty() ? name : name + "/" + namespace;
        return "RBAC: allowed by "
                + kind
                + " \""
                + binding
                + "\" of "
                + roleKind
                + " \""
                + roleName
                + "\" to "
                + (users.contains(user.name()) ? "User \"" + user.name() : group(user))
                + "\"";
    }

    private String group(User user) {
        return "Group \"" + user.groups().stream().filter(groups::contains).findFirst().orElse("");
    }
}
