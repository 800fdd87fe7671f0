package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects of its namespace that a pod names. */
record PodUses(ApiObject pod) {

    /** The name of its service account. */
    String account() {
        return pod.text("spec.serviceAccountName");
    }

    /** Names of what it uses of {@code resource}; none for resources that pods do not name. */
    Set<String> names(String resource) {
        return switch (resource) {
            case "serviceaccounts" -> Set.of(account());
            case "persistentvolumeclaims" -> claims();
            case "secrets" -> {
                Set<String> names = named("secret", "secretName", "secretKeyRef", "secretRef");
                for (ObjectNode each : Json.objects(pod.at("spec.imagePullSecrets"))) {
                    names.add(Json.text(each, "name"));
                }
                yield names;
            }
            case "configmaps" -> named("configMap", "name", "configMapKeyRef", "configMapRef");
            default -> Set.of();
        };
    }

    private Set<String> claims() {
        Set<String> names = new HashSet<>();
        for (ObjectNode volume : Json.objects(pod.at("spec.volumes"))) {
            names.add(Json.text(volume, "persistentVolumeClaim.claimName"));
            if (volume.has("ephemeral")) {
                names.add(pod.name() + "-" + Json.text(volume, "name"));
            }
        }
        return names;
    }

    /**
     * What volumes and environments name.
     *
     * @param volume the kind of volume, and of a projected source
     * @param member where the volume has the name; a projected source has it in {@code name}
     */
    private Set<String> named(String volume, String member, String key, String all) {
        Set<String> names = new HashSet<>();
        for (ObjectNode each : Json.objects(pod.at("spec.volumes"))) {
            names.add(Json.text(each, volume + "." + member));
            for (ObjectNode source : Json.objects(Json.at(each, "projected.sources"))) {
                names.add(Json.text(source, volume + ".name"));
            }
        }
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (ObjectNode container : Json.objects(pod.at("spec." + list))) {
                addEach(names, container.path("env"), "valueFrom." + key + ".name");
                addEach(names, container.path("envFrom"), all + ".name");
            }
        }
        return names;
    }

    private static void addEach(Set<String> names, JsonNode list, String path) {
        for (ObjectNode each : Json.objects(list)) {
            names.add(Json.text(each, path));
        }
    }
}
