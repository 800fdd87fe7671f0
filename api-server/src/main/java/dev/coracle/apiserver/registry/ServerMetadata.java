package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What an update may say in an object's metadata, and what stays the server's. */
final class ServerMetadata {

    private ServerMetadata() {}

    /** An update is of the object it names, and of the version it has seen. */
    static void checkIdentity(ResourceDefinition definition, ApiObject updated, ApiObject old) {
        if (!updated.name().equals(old.name()) || !updated.namespace().equals(old.namespace())) {
            throw ApiException.badRequest(
                    "the name of the object ("
                            + updated.key()
                            + ") does not match the name on the URL ("
                            + old.key()
                            + ")");
        }
        String uid = updated.uid();
        if (!uid.isEmpty() && !uid.equals(old.uid())) {
            throw ApiException.conflict(
                    definition.group(),
                    definition.plural(),
                    old.name(),
                    "Precondition failed: UID in precondition: "
                            + uid
                            + ", UID in object meta: "
                            + old.uid());
        }
        String version = updated.resourceVersion();
        if (!version.isEmpty() && !version.equals(old.resourceVersion())) {
            throw Registry.modified(definition, old.name());
        }
    }

    /** Puts back what only the server writes. */
    static void keep(ApiObject updated, ApiObject old) {
        ObjectNode metadata = updated.metadata();
        for (String member :
                List.of(
                        "uid",
                        "creationTimestamp",
                        "deletionTimestamp",
                        "deletionGracePeriodSeconds",
                        "generation",
                        "generateName",
                        "resourceVersion")) {
            Json.setOrRemove(metadata, member, old.at("metadata").path(member));
        }
        metadata.remove("selfLink");
    }

    /**
     * A status update may change labels, annotations, finalizers and owners, as upstream lets it.
     */
    static void takeFromStatus(ObjectNode metadata, ApiObject updated, boolean applied) {
        List<String> taken =
                new ArrayList<>(List.of("labels", "annotations", "finalizers", "ownerReferences"));
        if (applied) {
            taken.add("managedFields");
        }
        for (String member : taken) {
            Json.setOrRemove(metadata, member, updated.metadata().path(member));
        }
    }

    /** As Go's JSON leaves them out. */
    static void dropEmpty(ApiObject object) {
        ObjectNode metadata = object.metadata();
        for (String member : List.of("labels", "annotations", "finalizers", "ownerReferences")) {
            if (metadata.path(member).isEmpty()) {
                metadata.remove(member);
            }
        }
    }
}
