package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.authorization.GrantCheck;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.status.ApiException;
import java.util.List;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST} to a collection. */
final class CreateEndpoint {

    private final Registry registry;
    private final AdmissionChain admission;
    private final PolicyChecks policies;
    private final GrantCheck grants;
    private final BodyDecoder decoder;
    private final Answers answers;

    CreateEndpoint(
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
        return BodyDecoder.bytes(request).flatMap(body -> create(request, target, body));
    }

    private Mono<ServerResponse> create(ServerRequest request, RequestTarget target, byte[] body) {
        ResourceDefinition definition = target.strategy().definition();
        QueryOptions options = new QueryOptions(request);
        ObjectNode tree = BodyDecoder.tree(request, body);
        BodyDecoder.Decoded decoded =
                decoder.decode(
                        tree,
                        definition.kind(),
                        definition.schema(),
                        options.text("fieldValidation"),
                        duplicates(request, body));
        ApiObject object = decoded.object();
        setNamespace(object, target);
        target.strategy().applyDefaults(object);
        target.strategy().stampRequester(object, ReviewEndpoint.caller(request).toJson());
        admission.admit(Operation.CREATE, definition, object);
        grants.check(
                ReviewEndpoint.caller(request),
                definition.group(),
                definition.plural(),
                "",
                object);
        PolicyCheck policies = this.policies.of(request, target);
        return registry.create(
                        target.strategy(), object, options.writing(null).validatedBy(policies))
                .flatMap(stored ->
                        answers.object(
                                request,
                                target,
                                201,
                                stored.json(),
                                policies.and(decoded.warnings())));
    }

    /** The namespace of the path, which the body may repeat but not contradict. */
    static void setNamespace(ApiObject object, RequestTarget target) {
        String given = object.namespace();
        if (target.strategy().definition().namespaced()) {
            if (!given.isEmpty() && !given.equals(target.namespace())) {
                throw ApiException.badRequest(
                        "the namespace of the provided object does not match the namespace sent on the"
                                + " request");
            }
            if (target.namespace().isEmpty()) {
                throw ApiException.badRequest("an empty namespace may not be set during creation");
            }
            object.metadata().put("namespace", target.namespace());
        } else {
            object.metadata().remove("namespace");
        }
    }

    static List<String> duplicates(ServerRequest request, byte[] body) {
        String type = BodyDecoder.mediaType(request);
        if (type.isEmpty() || type.endsWith("/json")) {
            return DuplicateMembers.find(Json.MAPPER, body);
        }
        return type.endsWith("yaml") ? DuplicateMembers.find(BodyDecoder.YAML, body) : List.of();
    }
}
