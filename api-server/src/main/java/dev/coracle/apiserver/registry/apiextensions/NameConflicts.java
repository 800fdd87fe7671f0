package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which of the names a CRD asks for it gets: in a group no two resources share one
 * (apiextensions-apiserver, NamingConditionController). Pure.
 *
 * @param reason {@code NoConflicts}, or the last conflict's
 */
record NameConflicts(ObjectNode accepted, boolean allAccepted, String reason, String message) {

    /** {@code others} are the other CRDs, of any group. */
    static NameConflicts of(ApiObject crd, Collection<ApiObject> others) {
        Set<String> resources = new HashSet<>();
        Set<String> kinds = new HashSet<>();
        for (ApiObject other : others) {
            JsonNode names = other.at("status.acceptedNames");
            if (other.text("spec.group").equals(crd.text("spec.group"))) {
                resources.add(Json.text(names, "plural"));
                resources.add(Json.text(names, "singular"));
                resources.addAll(Json.texts(names.path("shortNames")));
                kinds.add(Json.text(names, "kind"));
                kinds.add(Json.text(names, "listKind"));
            }
        }
        JsonNode wanted = crd.at("spec.names");
        ObjectNode accepted = Json.newObject();
        if (crd.at("status.acceptedNames") instanceof ObjectNode before) {
            accepted.setAll(before.deepCopy());
        }
        String reason = "";
        String message = "";
        for (String member : List.of("plural", "singular")) {
            String name = Json.text(wanted, member);
            if (resources.contains(name)) {
                reason = member.equals("plural") ? "PluralConflict" : "SingularConflict";
                message = inUse(name);
            } else {
                accepted.put(member, name);
            }
        }
        List<String> conflicts = new ArrayList<>();
        for (String name : Json.texts(wanted.path("shortNames"))) {
            if (resources.contains(name)) {
                conflicts.add(inUse(name));
            }
        }
        if (conflicts.isEmpty()) {
            Json.setOrRemove(accepted, "shortNames", wanted.path("shortNames"));
        } else {
            reason = "ShortNamesConflict";
            message =
                    conflicts.size() == 1
                            ? conflicts.getFirst()
                            : "[" + String.join(", ", conflicts) + "]";
        }
        for (String member : List.of("kind", "listKind")) {
            String name = Json.text(wanted, member);
            if (kinds.contains(name)) {
                reason = member.equals("kind") ? "KindConflict" : "ListKindConflict";
                message = inUse(name);
            } else {
                accepted.put(member, name);
            }
        }
        Json.setOrRemove(accepted, "categories", wanted.path("categories"));
        return reason.isEmpty()
                ? new NameConflicts(accepted, true, "NoConflicts", "no conflicts found")
                : new NameConflicts(accepted, false, reason, message);
    }

    private static String inUse(String name) {
        return '"' + name + "\" is already in use";
    }
}
