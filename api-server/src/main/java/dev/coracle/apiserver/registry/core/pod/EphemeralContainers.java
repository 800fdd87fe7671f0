package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * The subresource {@code ephemeralcontainers}: containers are added to a pod that is there, and
 * never changed or taken away.
 */
public final class EphemeralContainers {

    private static final String FIELD = "spec.ephemeralContainers";

    private EphemeralContainers() {}

    /**
     * The pod with the ephemeral containers of {@code wanted}; nothing else of that counts.
     *
     * @throws ApiException Invalid, with upstream's messages
     */
    public static ApiObject replaced(ApiObject current, ApiObject wanted) {
        for (ObjectNode container : Json.objects(wanted.at(FIELD))) {
            PodDefaults.ephemeral(container);
        }
        List<FieldError> errors = new ArrayList<>(kept(current, wanted));
        ApiObject updated = current.copy();
        Json.setOrRemove(updated.spec(), "ephemeralContainers", wanted.at(FIELD));
        Set<String> volumes = new HashSet<>();
        for (ObjectNode volume : Json.objects(updated.at("spec.volumes"))) {
            volumes.add(Json.text(volume, "name"));
        }
        errors.addAll(
                Check.object(
                        updated, pod -> ContainerRules.checkEphemeral(pod.in("spec"), volumes)));
        if (!errors.isEmpty()) {
            throw ApiException.invalid("", "Pod", current.name(), errors);
        }
        String version = wanted.resourceVersion();
        if (!version.isEmpty()) {
            updated.metadata().put("resourceVersion", version);
        }
        return updated;
    }

    private static List<FieldError> kept(ApiObject current, ApiObject wanted) {
        Map<String, ObjectNode> after = new HashMap<>();
        for (ObjectNode container : Json.objects(wanted.at(FIELD))) {
            after.put(Json.text(container, "name"), container);
        }
        List<FieldError> errors = new ArrayList<>();
        for (ObjectNode container : Json.objects(current.at(FIELD))) {
            String name = Json.text(container, "name");
            ObjectNode now = after.get(name);
            if (now == null) {
                errors.add(
                        FieldError.forbidden(
                                FIELD,
                                "existing ephemeral containers \""
                                        + name
                                        + "\" may not be removed"));
            } else if (!now.equals(container)) {
                errors.add(
                        FieldError.forbidden(
                                FIELD,
                                "existing ephemeral containers \""
                                        + name
                                        + "\" may not be changed"));
            }
        }
        return errors;
    }
}
