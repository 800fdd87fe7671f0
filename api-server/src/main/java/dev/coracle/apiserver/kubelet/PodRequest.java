package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.util.MultiValueMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is wanted of a pod that only its kubelet can do (k8s.io/kubernetes/pkg/registry/core/pod).
 * Pure.
 */
record PodRequest(Subresource subresource, ApiObject pod, MultiValueMap<String, String> query) {

    private static final List<String> LOG_PARAMETERS =
            List.of(
                    "follow",
                    "previous",
                    "timestamps",
                    "sinceSeconds",
                    "sinceTime",
                    "tailLines",
                    "limitBytes");

    /**
     * The kubelet's path and query.
     *
     * @throws ApiException 400 or 422, in upstream's words
     */
    String uri() {
        return switch (subresource) {
            case LOG -> {
                validateLog();
                yield path("containerLogs", container())
                        + query(LOG_PARAMETERS.stream().flatMap(this::copied));
            }
            case EXEC -> {
                String container = container();
                requireNode();
                yield path("exec", container)
                        + query(
                                Stream.concat(
                                        streams(),
                                        query.getOrDefault("command", List.of()).stream()
                                                .map(word -> pair("command", word))));
            }
            case ATTACH -> {
                String container = container();
                requireNode();
                yield path("attach", container) + query(streams());
            }
            case PORT_FORWARD -> {
                requireNode();
                yield "/portForward/"
                        + pod.namespace()
                        + "/"
                        + pod.name()
                        + query(
                                query.getOrDefault("ports", List.of()).stream()
                                        .map(port -> pair("port", port)));
            }
            case STATUS,
                    SCALE,
                    BINDING,
                    EVICTION,
                    TOKEN,
                    FINALIZE,
                    APPROVAL,
                    EPHEMERAL_CONTAINERS,
                    PROXY ->
                    throw new IllegalStateException(subresource + " is not the kubelet's");
        };
    }

    boolean hasNode() {
        return !pod.text("spec.nodeName").isEmpty();
    }

    private void requireNode() {
        if (!hasNode()) {
            throw ApiException.badRequest("pod " + pod.name() + " does not have a host assigned");
        }
    }

    private String container() {
        String asked = first("container");
        List<String> names = names();
        if (!asked.isEmpty()) {
            if (!names.contains(asked)) {
                throw ApiException.badRequest(
                        "container " + asked + " is not valid for pod " + pod.name());
            }
            return asked;
        }
        List<ObjectNode> containers = Json.objects(pod.at("spec.containers"));
        if (containers.size() == 1) {
            return Json.text(containers.getFirst(), "name");
        }
        throw ApiException.badRequest(
                "a container name must be specified for pod "
                        + pod.name()
                        + ", choose one of: ["
                        + String.join(" ", names)
                        + "]");
    }

    private List<String> names() {
        return Stream.of("initContainers", "containers", "ephemeralContainers")
                .flatMap(list -> Json.objects(pod.at("spec." + list)).stream())
                .map(container -> Json.text(container, "name"))
                .toList();
    }

    private void validateLog() {
        List<FieldError> errors = new ArrayList<>();
        atLeast("tailLines", 0, "must be greater than or equal to 0", errors);
        atLeast("limitBytes", 1, "must be greater than 0", errors);
        boolean seconds = atLeast("sinceSeconds", 1, "must be greater than 0", errors);
        String time = first("sinceTime");
        if (!time.isEmpty()) {
            try {
                OffsetDateTime.parse(time);
            } catch (DateTimeParseException e) {
                throw ApiException.badRequest("sinceTime: " + e.getMessage());
            }
            if (seconds) {
                errors.add(
                        FieldError.forbidden(
                                "",
                                "at most one of `sinceTime` or `sinceSeconds` may be specified"));
            }
        }
        if (query.containsKey("stream")) {
            throw ApiException.notServed("pods/log with the parameter stream");
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid("", "PodLogOptions", pod.name(), errors);
        }
    }

    /** Whether the parameter is given. */
    private boolean atLeast(String name, long least, String otherwise, List<FieldError> errors) {
        String text = first(name);
        if (text.isEmpty()) {
            return false;
        }
        if (!text.matches("-?\\d{1,18}")) {
            throw ApiException.badRequest(
                    "strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
        }
        long value = Long.parseLong(text);
        if (value < least) {
            errors.add(FieldError.invalid(name, value, otherwise));
        }
        return true;
    }

    private Stream<String> streams() {
        boolean tty = flag("tty");
        Stream.Builder<String> streams = Stream.builder();
        if (flag("stdin")) {
            streams.add(pair("input", "1"));
        }
        // what is printed goes to the client unless it says otherwise
        if (!query.containsKey("stdout") || flag("stdout")) {
            streams.add(pair("output", "1"));
        }
        if ((!query.containsKey("stderr") || flag("stderr")) && !tty) {
            streams.add(pair("error", "1"));
        }
        if (tty) {
            streams.add(pair("tty", "1"));
        }
        return streams.build();
    }

    private String path(String kind, String container) {
        return "/" + kind + "/" + pod.namespace() + "/" + pod.name() + "/" + container;
    }

    private Stream<String> copied(String name) {
        String value = first(name);
        return value.isEmpty() ? Stream.empty() : Stream.of(pair(name, value));
    }

    private static String pair(String name, String value) {
        return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String query(Stream<String> parameters) {
        String joined = String.join("&", parameters.toList());
        return joined.isEmpty() ? "" : "?" + joined;
    }

    private boolean flag(String name) {
        String value = first(name);
        return query.containsKey(name) && !value.equals("false") && !value.equals("0");
    }

    private String first(String name) {
        String value = query.getFirst(name);
        return value == null ? "" : value;
    }
}
