package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.registry.validation.Quantities;
import dev.coracle.apiserver.status.FieldError;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A pod's containers. */
final class ContainerRules {

    private static final Set<String> RESOURCES = Set.of("cpu", "memory", "ephemeral-storage");
    private static final List<String> PROBES =
            List.of("livenessProbe", "readinessProbe", "startupProbe");

    /** What the containers of one pod share. */
    private record Pod(
            Set<String> names,
            Set<String> hostPorts,
            Set<String> volumes,
            boolean hostNetwork,
            boolean ownUsers) {}

    private ContainerRules() {}

    static void check(Check spec, Set<String> volumes) {
        Pod pod =
                new Pod(
                        new HashSet<>(),
                        new HashSet<>(),
                        volumes,
                        spec.node().path("hostNetwork").asBoolean(false),
                        !spec.node().path("hostUsers").asBoolean(true));
        spec.each("initContainers", container -> initContainer(container, pod));
        spec.required("containers");
        spec.each(
                "containers",
                container -> {
                    container(container, pod);
                    if (container.has("restartPolicy")) {
                        container.forbidden(
                                "restartPolicy", "may not be set for non-init containers");
                    }
                    ProbeRules.checkAll(container);
                });
    }

    private static final List<String> NOT_EPHEMERAL =
            List.of(
                    "ports",
                    "livenessProbe",
                    "readinessProbe",
                    "startupProbe",
                    "lifecycle",
                    "resources",
                    "resizePolicy",
                    "restartPolicy");

    /** The containers added to a pod that runs. */
    static void checkEphemeral(Check spec, Set<String> volumes) {
        Set<String> taken = new HashSet<>();
        Set<String> targets = new HashSet<>();
        for (String list : List.of("initContainers", "containers")) {
            for (ObjectNode container : Json.objects(spec.node().path(list))) {
                taken.add(Json.text(container, "name"));
                targets.add(Json.text(container, "name"));
            }
        }
        Pod pod = new Pod(taken, new HashSet<>(), volumes, false, false);
        spec.each("ephemeralContainers", container -> ephemeral(container, pod, targets));
    }

    private static void ephemeral(Check container, Pod pod, Set<String> targets) {
        container(container, pod);
        String target = container.text("targetContainerName");
        if (!target.isEmpty() && !targets.contains(target)) {
            container.add(
                    new FieldError(
                            container.path("targetContainerName"),
                            FieldError.Type.NOT_FOUND,
                            target,
                            ""));
        }
        for (String member : NOT_EPHEMERAL) {
            if (!container.node().path(member).isEmpty() || isText(container, member)) {
                container.forbidden(member, "cannot be set for an Ephemeral Container");
            }
        }
        container.each(
                "volumeMounts",
                mount -> {
                    for (String member : List.of("subPath", "subPathExpr")) {
                        if (!mount.text(member).isEmpty()) {
                            mount.forbidden(member, "cannot be set for an Ephemeral Container");
                        }
                    }
                });
    }

    private static boolean isText(Check container, String member) {
        return !container.text(member).isEmpty();
    }

    private static void initContainer(Check container, Pod pod) {
        container(container, pod);
        container.supported("restartPolicy", "Always");
        if (container.text("restartPolicy").equals("Always")) {
            ProbeRules.checkAll(container);
            return;
        }
        for (String member : PROBES) {
            if (container.node().has(member)) {
                container.forbidden(
                        member, "may not be set for init containers without restartPolicy=Always");
            }
        }
        if (container.node().has("lifecycle")) {
            container.forbidden(
                    "lifecycle", "may not be set for init containers without restartPolicy=Always");
        }
    }

    private static void container(Check container, Pod pod) {
        container
                .required("name")
                .shaped("name", Names::label)
                .unique("name", pod.names())
                .required("image")
                .supported("imagePullPolicy", "Always", "IfNotPresent", "Never")
                .supported("terminationMessagePolicy", "FallbackToLogsOnError", "File");
        String image = container.text("image");
        if (!image.equals(image.strip())) {
            container.invalid("image", "must not have leading or trailing whitespace");
        }
        Set<String> portNames = new HashSet<>();
        container.each("ports", port -> port(port, portNames, pod));
        container.each("env", ContainerRules::variable);
        container.each("envFrom", ContainerRules::source);
        Set<String> paths = new HashSet<>();
        container.each("volumeMounts", mount -> mount(mount, pod.volumes(), paths));
        resources(container.in("resources"));
        SecurityRules.container(container, pod.ownUsers());
    }

    private static void port(Check port, Set<String> names, Pod pod) {
        port.shaped("name", Names::portName)
                .unique("name", names)
                .required("containerPort")
                .port("containerPort")
                .supported("protocol", "SCTP", "TCP", "UDP");
        JsonNode host = port.node().path("hostPort");
        if (host.asInt(0) == 0) {
            return;
        }
        port.port("hostPort");
        if (pod.hostNetwork() && host.asInt() != port.node().path("containerPort").asInt(0)) {
            port.invalid("containerPort", "must match `hostPort` when `hostNetwork` is true");
        }
        String taken = port.text("protocol") + "/" + port.text("hostIP") + "/" + host.asInt();
        if (!pod.hostPorts().add(taken)) {
            port.add(FieldError.duplicate(port.path("hostPort"), taken));
        }
    }

    private static void variable(Check variable) {
        String name = variable.text("name");
        variable.required("name");
        if (!name.isEmpty() && (name.contains("=") || !name.matches("[ -~]+"))) {
            variable.invalid(
                    "name",
                    "a valid environment variable name must consist only of printable ASCII"
                            + " characters other than '='");
        }
        if (!(variable.node().path("valueFrom") instanceof ObjectNode from)) {
            return;
        }
        if (variable.has("value")) {
            variable.add(
                    FieldError.invalid(
                            variable.path("valueFrom"),
                            "",
                            "may not be specified when `value` is not empty"));
        } else if (from.size() > 1) {
            variable.add(
                    FieldError.invalid(
                            variable.path("valueFrom"),
                            "",
                            "may not have more than one field specified at a time"));
        } else if (from.isEmpty()) {
            variable.add(
                    FieldError.invalid(
                            variable.path("valueFrom"),
                            "",
                            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or"
                                    + " `secretKeyRef`"));
        }
        variable.ifPresent(
                "valueFrom.configMapKeyRef", ref -> ref.required("name").required("key"));
        variable.ifPresent("valueFrom.secretKeyRef", ref -> ref.required("name").required("key"));
        variable.ifPresent(
                "valueFrom.fieldRef", ref -> FieldRefRules.field(ref, FieldRefRules.VARIABLE));
        variable.ifPresent("valueFrom.resourceFieldRef", ref -> FieldRefRules.resource(ref, false));
    }

    private static void source(Check source) {
        boolean map = source.node().path("configMapRef").isObject();
        boolean secret = source.node().path("secretRef").isObject();
        if (map == secret) {
            source.add(
                    FieldError.invalid(
                            source.path(),
                            "",
                            map
                                    ? "may not have more than one field specified at a time"
                                    : "must specify one of: `configMapRef` or `secretRef`"));
        }
        source.ifPresent("configMapRef", ref -> ref.required("name"));
        source.ifPresent("secretRef", ref -> ref.required("name"));
    }

    private static void mount(Check mount, Set<String> volumes, Set<String> paths) {
        String name = mount.text("name");
        mount.required("name").required("mountPath");
        if (!name.isEmpty() && !volumes.contains(name)) {
            mount.add(new FieldError(mount.path("name"), FieldError.Type.NOT_FOUND, name, ""));
        }
        if (mount.has("mountPath") && !paths.add(mount.text("mountPath"))) {
            mount.invalid("mountPath", "must be unique");
        }
        if (mount.text("subPath").startsWith("/")) {
            mount.invalid("subPath", "must be a relative path");
        }
        VolumeRules.withoutBackSteps(mount, "subPath");
        if (mount.has("subPath") && mount.has("subPathExpr")) {
            mount.invalid("subPathExpr", "subPathExpr and subPath are mutually exclusive");
        }
    }

    private static void resources(Check resources) {
        resources.quantities("limits").quantities("requests");
        JsonNode limits = resources.node().path("limits");
        for (String list : List.of("limits", "requests")) {
            for (String name : resources.node().path(list).propertyNames()) {
                if (!name.contains("/")
                        && !RESOURCES.contains(name)
                        && !name.startsWith("hugepages-")) {
                    resources.add(
                            FieldError.invalid(
                                    resources.path(list) + "[" + name + "]",
                                    name,
                                    "must be a standard resource for containers"));
                }
            }
        }
        Json.textMap(resources.node().path("requests"))
                .forEach((name, request) -> {
                    Optional<BigDecimal> wanted = Quantities.parse(request);
                    Optional<BigDecimal> most = Quantities.parse(limits.path(name).asString(""));
                    if (wanted.isPresent()
                            && most.isPresent()
                            && wanted.get().compareTo(most.get()) > 0) {
                        resources.add(
                                FieldError.invalid(
                                        resources.path("requests"),
                                        request,
                                        "must be less than or equal to "
                                                + name
                                                + " limit of "
                                                + limits.path(name).asString("")));
                    }
                });
    }
}
