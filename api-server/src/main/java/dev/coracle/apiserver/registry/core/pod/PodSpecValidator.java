package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks of a pod's spec (k8s.io/kubernetes/pkg/apis/core/validation), also for the spec inside a
 * pod template.
 */
public final class PodSpecValidator {

    private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
    private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP");
    private static final Pattern PORT_NAME = Pattern.compile("(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*");

    private final String path;
    private final List<FieldError> errors = new ArrayList<>();

    private PodSpecValidator(String path) {
        this.path = path;
    }

    /**
     * Everything wrong with {@code spec}, which stands at {@code path} ({@code spec}, {@code
     * spec.template.spec}).
     */
    public static List<FieldError> validate(ObjectNode spec, String path) {
        PodSpecValidator validator = new PodSpecValidator(path);
        validator.spec(spec);
        return validator.errors;
    }

    private void spec(ObjectNode spec) {
        supported(spec, "restartPolicy", List.of("Always", "OnFailure", "Never"));
        supported(
                spec,
                "dnsPolicy",
                List.of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"));
        JsonNode grace = spec.path("terminationGracePeriodSeconds");
        if (grace.asLong(0) < 0) {
            errors.add(
                    FieldError.invalid(
                            path + ".terminationGracePeriodSeconds",
                            grace,
                            "must be greater than or equal to 0"));
        }
        Set<String> volumes = volumes(spec);
        Set<String> names = new HashSet<>();
        containers(spec.path("initContainers"), path + ".initContainers", names, volumes);
        if (spec.path("containers").isEmpty()) {
            errors.add(FieldError.required(path + ".containers", ""));
        }
        containers(spec.path("containers"), path + ".containers", names, volumes);
    }

    private Set<String> volumes(ObjectNode spec) {
        Set<String> names = new HashSet<>();
        int i = 0;
        for (ObjectNode volume : Json.objects(spec.path("volumes"))) {
            String at = path + ".volumes[" + i++ + "]";
            String name = Json.text(volume, "name");
            label(name, at + ".name", names);
            if (volume.size() > 2) {
                errors.add(FieldError.forbidden(at, "may not specify more than 1 volume type"));
            }
        }
        return names;
    }

    private void containers(JsonNode list, String at, Set<String> names, Set<String> volumes) {
        int i = 0;
        for (ObjectNode container : Json.objects(list)) {
            container(container, at + "[" + i++ + "]", names, volumes);
        }
    }

    private void container(
            ObjectNode container, String at, Set<String> names, Set<String> volumes) {
        label(Json.text(container, "name"), at + ".name", names);
        String image = Json.text(container, "image");
        if (image.isEmpty()) {
            errors.add(FieldError.required(at + ".image", ""));
        } else if (!image.equals(image.strip())) {
            errors.add(
                    FieldError.invalid(
                            at + ".image", image, "must not have leading or trailing whitespace"));
        }
        String policy = Json.text(container, "imagePullPolicy");
        if (!policy.isEmpty() && !PULL_POLICIES.contains(policy)) {
            errors.add(FieldError.notSupported(at + ".imagePullPolicy", policy, PULL_POLICIES));
        }
        ports(container, at);
        int i = 0;
        for (ObjectNode variable : Json.objects(container.path("env"))) {
            String name = Json.text(variable, "name");
            if (!name.isEmpty() && (name.contains("=") || !name.matches("[ -~]+"))) {
                errors.add(
                        FieldError.invalid(
                                at + ".env[" + i + "].name",
                                name,
                                "a valid environment variable name must consist only of printable ASCII"
                                        + " characters other than '='"));
            }
            if (Json.isPresent(variable.path("value")) && variable.has("valueFrom")) {
                errors.add(
                        FieldError.invalid(
                                at + ".env[" + i + "].valueFrom",
                                "",
                                "may not be specified when `value` is not empty"));
            }
            i++;
        }
        i = 0;
        for (ObjectNode mount : Json.objects(container.path("volumeMounts"))) {
            String name = Json.text(mount, "name");
            if (!name.isEmpty() && !volumes.contains(name)) {
                errors.add(
                        new FieldError(
                                at + ".volumeMounts[" + i + "].name",
                                FieldError.Type.NOT_FOUND,
                                name,
                                ""));
            }
            i++;
        }
        resources(container, at + ".resources");
    }

    private void ports(ObjectNode container, String at) {
        Set<String> names = new HashSet<>();
        int i = 0;
        for (ObjectNode port : Json.objects(container.path("ports"))) {
            String here = at + ".ports[" + i++ + "]";
            String name = Json.text(port, "name");
            if (!name.isEmpty()) {
                if (name.length() > 15 || !PORT_NAME.matcher(name).matches()) {
                    errors.add(
                            FieldError.invalid(
                                    here + ".name",
                                    name,
                                    "must be no more than 15 characters, contain only alphanumeric"
                                            + " characters (a-z, 0-9), '-' and at least one letter"));
                } else if (!names.add(name)) {
                    errors.add(FieldError.duplicate(here + ".name", name));
                }
            }
            JsonNode number = port.path("containerPort");
            if (number.isNumber() && (number.asInt() < 1 || number.asInt() > 65535)) {
                errors.add(
                        FieldError.invalid(
                                here + ".containerPort",
                                number,
                                "must be between 1 and 65535, inclusive"));
            }
            String protocol = Json.text(port, "protocol");
            if (!PROTOCOLS.contains(protocol)) {
                errors.add(FieldError.notSupported(here + ".protocol", protocol, PROTOCOLS));
            }
        }
    }

    private void resources(ObjectNode container, String at) {
        for (String member : List.of("limits", "requests")) {
            Json.textMap(container.path("resources").path(member))
                    .forEach((name, quantity) -> {
                        if (!quantity.matches(
                                "[+-]?([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?")) {
                            errors.add(
                                    FieldError.invalid(
                                            at + "." + member + "[" + name + "]",
                                            quantity,
                                            "must be a quantity such as 500m, 2 or 64Mi"));
                        }
                    });
        }
    }

    private void supported(ObjectNode spec, String member, List<String> values) {
        String value = Json.text(spec, member);
        if (!values.contains(value)) {
            errors.add(FieldError.notSupported(path + "." + member, value, values));
        }
    }

    private void label(String name, String at, Set<String> taken) {
        if (name.isEmpty()) {
            return;
        }
        String wrong = Names.label(name);
        if (wrong != null) {
            errors.add(FieldError.invalid(at, name, wrong));
        } else if (!taken.add(name)) {
            errors.add(FieldError.duplicate(at, name));
        }
    }
}
