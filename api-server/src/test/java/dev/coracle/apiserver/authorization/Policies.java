package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Stored roles and bindings, written in YAML. */
final class Policies {

    private static final YAMLMapper YAML = new YAMLMapper();

    final WatchCache cache = new WatchCache((_, _) -> Map.of());
    final RbacAuthorizer authorizer = new RbacAuthorizer(cache);
    private long revision;

    static ApiObject parse(String yaml) {
        return new ApiObject((ObjectNode) Json.MAPPER.readTree(YAML.readTree(yaml).toString()));
    }

    Policies store(String yaml) {
        return write(parse(yaml), false);
    }

    Policies delete(String yaml) {
        return write(parse(yaml), true);
    }

    private Policies write(ApiObject object, boolean deleted) {
        revision++;
        String resource = object.kind().toLowerCase(Locale.ROOT) + "s.rbac.authorization.k8s.io";
        cache.accept(
                new Revision(
                        revision,
                        new ObjectKey(resource, object.key()),
                        deleted,
                        object.toBytes()));
        return this;
    }
}
