package dev.coracle.apiserver.authentication;

import dev.coracle.apiserver.object.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who a request comes from (authentication.k8s.io/v1 UserInfo).
 *
 * @param uid or empty
 * @param extra what else the authenticator knows
 */
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

    /** The request attribute under which the authenticated user is kept. */
    public static final String ATTRIBUTE = User.class.getName();

    /** The group of everyone who has authenticated. */
    public static final String AUTHENTICATED = "system:authenticated";

    /** The group that may do everything. */
    public static final String MASTERS = "system:masters";

    /** The group of nodes, and how their names begin. */
    public static final String NODES = "system:nodes";

    public static final String NODE_PREFIX = "system:node:";

    public User {
        groups = List.copyOf(groups);
        extra = new LinkedHashMap<>(extra);
    }

    public User(String name, List<String> groups) {
        this(name, "", groups, Map.of());
    }

    /** The name of the node that this is, if it is one. */
    public Optional<String> node() {
        return groups.contains(NODES) && name.startsWith(NODE_PREFIX)
                ? Optional.of(name.substring(NODE_PREFIX.length()))
                : Optional.empty();
    }

    /** As {@code UserInfo}. */
    public ObjectNode toJson() {
        ObjectNode json = Json.newObject().put("username", name);
        if (!uid.isEmpty()) {
            json.put("uid", uid);
        }
        ArrayNode list = json.putArray("groups");
        groups.forEach(list::add);
        if (!extra.isEmpty()) {
            ObjectNode more = json.putObject("extra");
            extra.forEach((key, values) -> values.forEach(more.withArray(key)::add));
        }
        return json;
    }
}
