package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The defaults of a pod's spec (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go); also for the spec
 * inside a pod template.
 */
public final class PodDefaults {

    private PodDefaults() {}

    public static void apply(ObjectNode spec) {
        Json.setDefault(spec, "restartPolicy", "Always");
        Json.setDefault(spec, "dnsPolicy", "ClusterFirst");
        Json.setDefault(spec, "schedulerName", "default-scheduler");
        Json.setDefault(spec, "terminationGracePeriodSeconds", 30);
        Json.object(spec, "securityContext");
        // upstream keeps the deprecated name in step
        String account = Json.text(spec, "serviceAccountName");
        if (!account.isEmpty()) {
            spec.put("serviceAccount", account);
        } else if (!Json.text(spec, "serviceAccount").isEmpty()) {
            spec.put("serviceAccountName", Json.text(spec, "serviceAccount"));
        }
        boolean hostNetwork = spec.path("hostNetwork").asBoolean(false);
        for (ObjectNode container : containers(spec)) {
            container(container, hostNetwork);
        }
        for (ObjectNode volume : Json.objects(spec.path("volumes"))) {
            volume(volume);
        }
    }

    /** Init containers, then containers. */
    static List<ObjectNode> containers(ObjectNode spec) {
        List<ObjectNode> all = new ArrayList<>(Json.objects(spec.path("initContainers")));
        all.addAll(Json.objects(spec.path("containers")));
        return all;
    }

    static void ephemeral(ObjectNode container) {
        container(container, false);
    }

    private static void container(ObjectNode container, boolean hostNetwork) {
        Json.setDefault(container, "terminationMessagePath", "/dev/termination-log");
        Json.setDefault(container, "terminationMessagePolicy", "File");
        Json.setDefault(container, "imagePullPolicy", pullPolicy(Json.text(container, "image")));
        Json.object(container, "resources");
        ObjectNode limits =
                container.path("resources").path("limits") instanceof ObjectNode l ? l : null;
        if (limits != null) {
            ObjectNode requests = Json.object(Json.object(container, "resources"), "requests");
            limits.properties()
                    .forEach(limit -> {
                        if (!requests.has(limit.getKey())) {
                            requests.set(limit.getKey(), limit.getValue());
                        }
                    });
        }
        for (ObjectNode port : Json.objects(container.path("ports"))) {
            Json.setDefault(port, "protocol", "TCP");
            if (hostNetwork) {
                Json.setDefault(port, "hostPort", port.path("containerPort").asInt(0));
            }
        }
        for (ObjectNode variable : Json.objects(container.path("env"))) {
            reference(variable.path("valueFrom"));
        }
        http(Json.at(container, "lifecycle.postStart"));
        http(Json.at(container, "lifecycle.preStop"));
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (container.path(probe) instanceof ObjectNode present) {
                probe(present);
            }
        }
    }

    /** A reference to a field of the pod or to a resource of a container. */
    private static void reference(JsonNode holder) {
        if (holder.path("fieldRef") instanceof ObjectNode field) {
            Json.setDefault(field, "apiVersion", "v1");
        }
        if (holder.path("resourceFieldRef") instanceof ObjectNode resource) {
            Json.setDefault(resource, "divisor", "0");
        }
    }

    private static void http(JsonNode handler) {
        if (handler.path("httpGet") instanceof ObjectNode http) {
            Json.setDefault(http, "path", "/");
            Json.setDefault(http, "scheme", "HTTP");
        }
    }

    private static void probe(ObjectNode probe) {
        Json.setDefault(probe, "timeoutSeconds", 1);
        Json.setDefault(probe, "periodSeconds", 10);
        Json.setDefault(probe, "successThreshold", 1);
        Json.setDefault(probe, "failureThreshold", 3);
        http(probe);
        if (probe.path("grpc") instanceof ObjectNode grpc && !grpc.has("service")) {
            grpc.put("service", "");
        }
    }

    private static void volume(ObjectNode volume) {
        // a volume without a source is an emptyDir
        if (volume.size() == 1) {
            volume.putObject("emptyDir");
        }
        for (String source : List.of("configMap", "secret", "downwardAPI", "projected")) {
            if (volume.path(source) instanceof ObjectNode present) {
                Json.setDefault(present, "defaultMode", 0644);
            }
        }
        Json.objects(Json.at(volume, "downwardAPI.items")).forEach(PodDefaults::reference);
        for (ObjectNode source : Json.objects(Json.at(volume, "projected.sources"))) {
            Json.objects(Json.at(source, "downwardAPI.items")).forEach(PodDefaults::reference);
            if (source.path("serviceAccountToken") instanceof ObjectNode token) {
                Json.setDefault(token, "expirationSeconds", 3600);
            }
        }
        if (Json.at(volume, "ephemeral.volumeClaimTemplate.spec") instanceof ObjectNode claim) {
            Json.setDefault(claim, "volumeMode", "Filesystem");
        }
        if (volume.path("hostPath") instanceof ObjectNode path && !path.has("type")) {
            path.put("type", "");
        }
    }

    private static String pullPolicy(String image) {
        String name = image.substring(image.lastIndexOf('/') + 1);
        int tag = name.indexOf(':');
        boolean latest = tag < 0 || name.substring(tag + 1).equals("latest");
        return latest && !name.contains("@") ? "Always" : "IfNotPresent";
    }
}
