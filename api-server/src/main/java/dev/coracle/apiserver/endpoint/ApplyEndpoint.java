package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.authorization.GrantCheck;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.Registry.Scope;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.apps.Scale;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code PATCH} with {@code application/apply-patch+yaml}: server-side apply (Kubernetes:
 * Server-Side Apply).
 */
final class ApplyEndpoint {

    private final Registry registry;
    private final AdmissionChain admission;
    private final PolicyChecks policies;
    private final GrantCheck grants;
    private final BodyDecoder decoder;
    private final Answers answers;

    ApplyEndpoint(
            Registry registry,
            AdmissionChain admission,
            PolicyChecks policies,
            GrantCheck grants,
            BodyDecoder decoder,
            Answers answers) {
        this.registry = registry;
        this.admission = admission;
        this.policies = policies;
        this.grants = grants;
        this.decoder = decoder;
        this.answers = answers;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        QueryOptions options = new QueryOptions(request);
        if (options.text("fieldManager").isEmpty()) {
            throw options.invalidOptions(
                    FieldError.required("fieldManager", "is required for apply patch"));
        }
        boolean force = options.flag("force");
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    BodyDecoder.Decoded decoded = configuration(target, options, body);
                    PolicyCheck check = policies.of(request, target);
                    return registry.apply(
                                    target.strategy(),
                                    decoded.object(),
                                    target.subresource() == Subresource.STATUS
                                            ? Scope.STATUS
                                            : Scope.OBJECT,
                                    options.writing(target.subresource()).validatedBy(check),
                                    force,
                                    (merged, creates) -> complete(request, target, merged, creates))
                            .flatMap(stored ->
                                    target.subresource() == Subresource.SCALE
                                            ? Answers.json(
                                                    target.strategy().scaleOf(stored.toObject()))
                                            : answers.object(
                                                    request,
                                                    target,
                                                    stored.created() ? 201 : 200,
                                                    stored.json(),
                                                    check.and(decoded.warnings())));
                });
    }

    private BodyDecoder.Decoded configuration(
            RequestTarget target, QueryOptions options, byte[] body) {
        ResourceDefinition definition = target.strategy().definition();
        ObjectNode tree = BodyDecoder.yaml(body);
        requireType(tree);
        List<String> duplicates = DuplicateMembers.find(BodyDecoder.YAML, body);
        if (target.subresource() == Subresource.SCALE) {
            BodyDecoder.Decoded scale =
                    decoder.decode(
                            tree,
                            Scale.KIND,
                            Scale.SCHEMA,
                            options.text("fieldValidation"),
                            duplicates);
            ObjectNode parent = Json.newObject();
            parent.put("apiVersion", definition.kind().apiVersion());
            parent.put("kind", definition.kind().kind());
            parent.set("metadata", scale.object().metadata());
            ApiObject applied = new ApiObject(parent);
            target.strategy().applyScale(scale.object().tree(), applied);
            return named(target, new BodyDecoder.Decoded(applied, scale.warnings()));
        }
        if (target.subresource() != null && target.subresource() != Subresource.STATUS) {
            throw ApiException.methodNotAllowed(
                    "the server does not allow this method on the requested resource");
        }
        BodyDecoder.Decoded decoded =
                decoder.decode(
                        tree,
                        definition.kind(),
                        definition.schema(),
                        options.text("fieldValidation"),
                        duplicates);
        for (String warning : decoded.warnings()) {
            if (warning.startsWith("unknown field")) {
                throw ApiException.badRequest(
                        "failed to create typed patch object ("
                                + target.key()
                                + "; "
                                + definition.kind().apiVersion()
                                + ", Kind="
                                + definition.kind().kind()
                                + "): "
                                + warning
                                + ": field not declared in schema");
            }
        }
        return named(target, decoded);
    }

    private static void requireType(ObjectNode tree) {
        for (String member : List.of("apiVersion", "kind")) {
            if (Json.text(tree, member).isEmpty()) {
                throw ApiException.badRequest(
                        "the applied configuration has no " + member + ", which is required");
            }
        }
    }

    private static BodyDecoder.Decoded named(RequestTarget target, BodyDecoder.Decoded decoded) {
        ApiObject object = decoded.object();
        CreateEndpoint.setNamespace(object, target);
        if (object.name().isEmpty()) {
            object.metadata().put("name", target.name());
        }
        if (!object.name().equals(target.name())) {
            throw ApiException.badRequest(
                    "the name of the object ("
                            + object.name()
                            + ") does not match the name on the URL ("
                            + target.name()
                            + ")");
        }
        return decoded;
    }

    private ApiObject complete(
            ServerRequest request, RequestTarget target, ApiObject merged, boolean creates) {
        if (target.subresource() == null) {
            ResourceDefinition definition = target.strategy().definition();
            target.strategy().applyDefaults(merged);
            admission.admit(creates ? Operation.CREATE : Operation.UPDATE, definition, merged);
            grants.check(
                    ReviewEndpoint.caller(request),
                    definition.group(),
                    definition.plural(),
                    target.name(),
                    merged);
        }
        return merged;
    }
}
