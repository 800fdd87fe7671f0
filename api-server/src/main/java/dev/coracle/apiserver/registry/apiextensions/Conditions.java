package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The conditions of a CRD. */
final class Conditions {

    static final String NAMES_ACCEPTED = "NamesAccepted";
    static final String ESTABLISHED = "Established";
    static final String APPROVED = "KubernetesAPIApprovalPolicyConformant";
    static final String TERMINATING = "Terminating";

    private Conditions() {}

    static boolean isTrue(ApiObject crd, String type) {
        return Json.objects(crd.at("status.conditions")).stream()
                .anyMatch(condition ->
                        Json.text(condition, "type").equals(type)
                                && Json.text(condition, "status").equals("True"));
    }

    /** Sets a condition; its transition time changes with its status only. */
    static void set(
            ApiObject crd, String type, boolean holds, String reason, String message, String now) {
        ArrayNode conditions =
                crd.status().path("conditions") instanceof ArrayNode there
                        ? there
                        : crd.status().putArray("conditions");
        ObjectNode condition =
                Json.objects(conditions).stream()
                        .filter(each -> Json.text(each, "type").equals(type))
                        .findFirst()
                        .orElseGet(conditions::addObject);
        String status = holds ? "True" : "False";
        if (!Json.text(condition, "status").equals(status)) {
            condition.put("lastTransitionTime", now);
        }
        condition
                .put("message", message)
                .put("reason", reason)
                .put("status", status)
                .put("type", type);
    }
}
