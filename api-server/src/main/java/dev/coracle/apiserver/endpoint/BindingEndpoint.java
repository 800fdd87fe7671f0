package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST} to {@code pods/<name>/binding}: the scheduler gives a pod its node. */
final class BindingEndpoint {

    private final Registry registry;
    private final PolicyChecks policies;
    private final InstantSource clock;

    BindingEndpoint(Registry registry, PolicyChecks policies, InstantSource clock) {
        this.registry = registry;
        this.policies = policies;
        this.clock = clock;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        return BodyDecoder.bytes(request)
                .flatMap(body -> bind(request, target, BodyDecoder.tree(request, body)));
    }

    /** {@code POST} to {@code bindings}: the body names the pod. */
    Mono<ServerResponse> ofNamedPod(
            ServerRequest request, RequestTarget target, ResourceStrategy pods) {
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    ObjectNode tree = BodyDecoder.tree(request, body);
                    String name = Json.text(tree, "metadata.name");
                    if (name.isEmpty()) {
                        throw ApiException.invalid(
                                "",
                                "Binding",
                                "",
                                List.of(FieldError.required("metadata.name", "")));
                    }
                    RequestTarget pod =
                            new RequestTarget(pods, target.namespace(), name, Subresource.BINDING);
                    return bind(request, pod, tree);
                });
    }

    private Mono<ServerResponse> bind(
            ServerRequest request, RequestTarget target, ObjectNode tree) {
        WriteOptions options = new QueryOptions(request).writing(Subresource.BINDING);
        String kind = Json.text(tree, "target.kind");
        if (!kind.isEmpty() && !kind.equals("Node")) {
            throw ApiException.invalid(
                    "",
                    "Binding",
                    target.name(),
                    List.of(
                            FieldError.notSupported(
                                    "target.kind", kind, List.of("Node", "<empty>"))));
        }
        String node = Json.text(tree, "target.name");
        if (node.isEmpty()) {
            throw ApiException.invalid(
                    "", "Binding", target.name(), List.of(FieldError.required("target.name", "")));
        }
        PolicyCheck check = policies.of(request, target);
        return check.action(new ApiObject(tree))
                .then(
                        registry.update(
                                target.strategy(),
                                target.key(),
                                Registry.Scope.ALL,
                                options,
                                pod -> bound(pod, node)))
                .flatMap(_ -> {
                    Answers.warn(request, check.and(List.of()));
                    ObjectNode status = Json.newObject();
                    status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
                    return Answers.json(201, status.put("status", "Success").put("code", 201));
                });
    }

    private ApiObject bound(ApiObject pod, String node) {
        String present = pod.text("spec.nodeName");
        if (!present.isEmpty() || pod.isBeingDeleted()) {
            throw ApiException.conflict(
                    "",
                    "pods/binding",
                    pod.name(),
                    present.isEmpty()
                            ? "pod "
                                    + pod.name()
                                    + " is being deleted, cannot be assigned to a host"
                            : "pod "
                                    + pod.name()
                                    + " is already assigned to node \""
                                    + present
                                    + "\"");
        }
        pod.spec().put("nodeName", node);
        ArrayNode conditions =
                pod.status().path("conditions") instanceof ArrayNode there
                        ? there
                        : pod.status().putArray("conditions");
        for (int i = conditions.size() - 1; i >= 0; i--) {
            if (Json.text(conditions.path(i), "type").equals("PodScheduled")) {
                conditions.remove(i);
            }
        }
        conditions
                .addObject()
                .put("type", "PodScheduled")
                .put("status", "True")
                .put(
                        "lastTransitionTime",
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        return pod;
    }
}
