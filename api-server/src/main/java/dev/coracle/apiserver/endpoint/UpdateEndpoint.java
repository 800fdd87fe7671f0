package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.authorization.GrantCheck;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.patch.Patch;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.apps.Scale;
import dev.coracle.apiserver.registry.core.pod.EphemeralContainers;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code PUT} and {@code PATCH} of an object, its status, its scale or a namespace's finalizers.
 */
final class UpdateEndpoint {

    private final Registry registry;
    private final AdmissionChain admission;
    private final PolicyChecks policies;
    private final GrantCheck grants;
    private final BodyDecoder decoder;
    private final SchemaCatalog catalog;
    private final Answers answers;
    private final ApplyEndpoint apply;

    UpdateEndpoint(
            Registry registry,
            AdmissionChain admission,
            PolicyChecks policies,
            GrantCheck grants,
            BodyDecoder decoder,
            SchemaCatalog catalog,
            Answers answers) {
        this.registry = registry;
        this.admission = admission;
        this.policies = policies;
        this.grants = grants;
        this.decoder = decoder;
        this.catalog = catalog;
        this.answers = answers;
        this.apply = new ApplyEndpoint(registry, admission, policies, grants, decoder, answers);
    }

    Mono<ServerResponse> put(ServerRequest request, RequestTarget target) {
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    ObjectNode tree = BodyDecoder.tree(request, body);
                    return update(
                            request,
                            target,
                            _ -> tree.deepCopy(),
                            CreateEndpoint.duplicates(request, body));
                });
    }

    Mono<ServerResponse> patch(ServerRequest request, RequestTarget target) {
        if (BodyDecoder.mediaType(request).equals(Patch.APPLY)) {
            return apply.handle(request, target);
        }
        if (new QueryOptions(request).flag("force")) {
            throw new QueryOptions(request)
                    .invalidOptions(
                            FieldError.forbidden(
                                    "force", "may not be specified for non-apply patch"));
        }
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    checkMergesStrategically(request, target);
                    Patch patch =
                            Patch.parse(
                                    BodyDecoder.mediaType(request), body, catalog, schema(target));
                    return update(request, target, patch::applyTo, List.of());
                });
    }

    private static void checkMergesStrategically(ServerRequest request, RequestTarget target) {
        String type = BodyDecoder.mediaType(request);
        if (type.equals(Patch.STRATEGIC) && !target.strategy().mergesStrategically()) {
            throw ApiException.unsupportedMediaType(
                    type, String.join(", ", Patch.JSON, Patch.MERGE, Patch.APPLY));
        }
    }

    private Mono<ServerResponse> update(
            ServerRequest request,
            RequestTarget target,
            UnaryOperator<ObjectNode> edit,
            List<String> duplicates) {
        QueryOptions options = new QueryOptions(request);
        List<String> warnings = new ArrayList<>();
        UnaryOperator<ApiObject> change =
                current -> {
                    warnings.clear();
                    return switch (target.subresource()) {
                        case SCALE -> scaled(target, current, edit, options, duplicates);
                        case FINALIZE -> finalized(target, current, edit);
                        case APPROVAL ->
                                approved(
                                        current,
                                        edited(
                                                target,
                                                current.copy(),
                                                edit,
                                                options,
                                                duplicates,
                                                warnings));
                        case EPHEMERAL_CONTAINERS ->
                                EphemeralContainers.replaced(
                                        current,
                                        edited(
                                                target,
                                                current.copy(),
                                                edit,
                                                options,
                                                duplicates,
                                                warnings));
                        case STATUS -> edited(target, current, edit, options, duplicates, warnings);
                        case null ->
                                defaulted(
                                        request,
                                        target,
                                        edited(
                                                target,
                                                current,
                                                edit,
                                                options,
                                                duplicates,
                                                warnings));
                        case BINDING, EVICTION, TOKEN, PROXY, LOG, EXEC, ATTACH, PORT_FORWARD ->
                                throw ApiException.methodNotAllowed(
                                        "the server does not allow this method on the requested"
                                                + " resource");
                    };
                };
        Registry.Scope scope = scope(target);
        PolicyCheck check = policies.of(request, target);
        return registry.update(
                        target.strategy(),
                        target.key(),
                        scope,
                        options.writing(target.subresource()).validatedBy(check),
                        change)
                .flatMap(stored ->
                        target.subresource() == Subresource.SCALE
                                ? Answers.json(target.strategy().scaleOf(stored.toObject()))
                                : answers.object(
                                        request, target, 200, stored.json(), check.and(warnings)));
    }

    private static Registry.Scope scope(RequestTarget target) {
        return switch (target.subresource()) {
            case STATUS -> Registry.Scope.STATUS;
            case FINALIZE, APPROVAL, EPHEMERAL_CONTAINERS -> Registry.Scope.ALL;
            case SCALE, BINDING, EVICTION, TOKEN, PROXY, LOG, EXEC, ATTACH, PORT_FORWARD ->
                    Registry.Scope.OBJECT;
            case null -> Registry.Scope.OBJECT;
        };
    }

    private ApiObject edited(
            RequestTarget target,
            ApiObject current,
            UnaryOperator<ObjectNode> edit,
            QueryOptions options,
            List<String> duplicates,
            List<String> warnings) {
        ResourceDefinition definition = target.strategy().definition();
        BodyDecoder.Decoded decoded =
                decoder.decode(
                        edit.apply(current.tree()),
                        definition.kind(),
                        definition.schema(),
                        options.text("fieldValidation"),
                        duplicates);
        warnings.addAll(decoded.warnings());
        ApiObject updated = decoded.object();
        CreateEndpoint.setNamespace(updated, target);
        if (updated.name().isEmpty()) {
            updated.metadata().put("name", target.name());
        }
        return updated;
    }

    private ApiObject defaulted(ServerRequest request, RequestTarget target, ApiObject updated) {
        target.strategy().applyDefaults(updated);
        ResourceDefinition definition = target.strategy().definition();
        admission.admit(Operation.UPDATE, definition, updated);
        grants.check(
                ReviewEndpoint.caller(request),
                definition.group(),
                definition.plural(),
                target.name(),
                updated);
        return updated;
    }

    private ApiObject scaled(
            RequestTarget target,
            ApiObject current,
            UnaryOperator<ObjectNode> edit,
            QueryOptions options,
            List<String> duplicates) {
        ApiObject scale =
                decoder.decode(
                                edit.apply(target.strategy().scaleOf(current)),
                                Scale.KIND,
                                Scale.SCHEMA,
                                options.text("fieldValidation"),
                                duplicates)
                        .object();
        target.strategy().applyScale(scale.tree(), current);
        return current;
    }

    /** Only {@code spec.finalizers} counts. */
    private static ApiObject finalized(
            RequestTarget target, ApiObject current, UnaryOperator<ObjectNode> edit) {
        ApiObject wanted = new ApiObject(edit.apply(current.tree()));
        if (!wanted.name().equals(target.name())) {
            throw ApiException.badRequest(
                    "the name of the object ("
                            + wanted.name()
                            + ") does not match the name on the URL ("
                            + target.name()
                            + ")");
        }
        Json.setOrRemove(current.spec(), "finalizers", wanted.at("spec.finalizers"));
        String version = wanted.resourceVersion();
        if (!version.isEmpty()) {
            current.metadata().put("resourceVersion", version);
        }
        return current;
    }

    /** Only the conditions count. */
    private static ApiObject approved(ApiObject current, ApiObject wanted) {
        Json.setOrRemove(current.status(), "conditions", wanted.at("status.conditions"));
        String version = wanted.resourceVersion();
        if (!version.isEmpty()) {
            current.metadata().put("resourceVersion", version);
        }
        return current;
    }

    private Schema schema(RequestTarget target) {
        return catalog.struct(
                target.subresource() == Subresource.SCALE
                        ? Scale.SCHEMA
                        : target.strategy().definition().schema());
    }
}
