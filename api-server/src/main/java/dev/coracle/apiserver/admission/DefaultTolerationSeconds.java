package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/** A pod stays 300 s on a node that is not ready or not reachable, unless it says otherwise. */
final class DefaultTolerationSeconds implements AdmissionPlugin {

    private static final int SECONDS = 300;

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject object) {
        if (operation == Operation.DELETE || !resource.storageKey().equals("pods")) {
            return;
        }
        for (String taint :
                List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
            boolean tolerated =
                    Json.objects(object.at("spec.tolerations")).stream()
                            .anyMatch(toleration -> {
                                String key = Json.text(toleration, "key");
                                String effect = Json.text(toleration, "effect");
                                return (key.isEmpty() || key.equals(taint))
                                        && (effect.isEmpty() || effect.equals("NoExecute"));
                            });
            if (!tolerated) {
                ArrayNode tolerations =
                        object.spec().path("tolerations") instanceof ArrayNode present
                                ? present
                                : object.spec().putArray("tolerations");
                tolerations
                        .addObject()
                        .put("key", taint)
                        .put("operator", "Exists")
                        .put("effect", "NoExecute")
                        .put("tolerationSeconds", SECONDS);
            }
        }
    }
}
