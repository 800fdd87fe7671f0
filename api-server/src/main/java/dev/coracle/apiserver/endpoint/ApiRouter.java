package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.NodeRestriction;
import dev.coracle.apiserver.admission.policy.ValidatingPolicies;
import dev.coracle.apiserver.admission.quota.QuotaAccounts;
import dev.coracle.apiserver.authorization.AccessControl;
import dev.coracle.apiserver.authorization.GrantCheck;
import dev.coracle.apiserver.metrics.ApiMetrics;
import dev.coracle.apiserver.protobuf.ProtobufBody;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.review.ReviewKinds;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.schema.StructuralCheck;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.InstantSource;
import java.util.List;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Everything below {@code /api/v1} and {@code /apis/<group>/<version>}: path and method choose the
 * verb.
 */
public final class ApiRouter {

    private final ResourceRegistry resources;
    private final GetEndpoint get;
    private final ListEndpoint list;
    private final WatchEndpoint watch;
    private final CreateEndpoint create;
    private final UpdateEndpoint update;
    private final DeleteEndpoint delete;
    private final BindingEndpoint binding;
    private final EvictionEndpoint eviction;
    private final TokenEndpoint token;
    private final ReviewEndpoint review;

    public ApiRouter(
            ResourceRegistry resources,
            Registry registry,
            WatchCache cache,
            QuotaAccounts quotas,
            SchemaCatalog catalog,
            AccessControl access,
            ApiMetrics metrics,
            InstantSource clock) {
        AdmissionChain admission = new AdmissionChain(cache);
        PolicyChecks policies =
                new PolicyChecks(
                        new NodeRestriction(cache),
                        new ValidatingPolicies(cache, resources),
                        quotas);
        BodyDecoder decoder = new BodyDecoder(new StructuralCheck(catalog));
        GrantCheck grants = new GrantCheck(access.authorizer().roles(), cache);
        Answers answers = new Answers(clock);
        this.resources = resources;
        get = new GetEndpoint(cache, answers);
        list = new ListEndpoint(cache, answers);
        watch = new WatchEndpoint(resources, cache, answers, metrics);
        create = new CreateEndpoint(registry, admission, policies, grants, decoder, answers);
        update =
                new UpdateEndpoint(
                        registry, admission, policies, grants, decoder, catalog, answers);
        delete =
                new DeleteEndpoint(
                        registry, new Deletions(registry), admission, policies, list, answers);
        binding = new BindingEndpoint(registry, policies, clock);
        eviction = new EvictionEndpoint(resources, registry, cache, policies, decoder, clock);
        token = new TokenEndpoint(registry, cache, policies, access.tokens(), decoder, clock);
        review = new ReviewEndpoint(access.authenticator(), access.authorizer(), decoder);
    }

    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route(
                RequestPredicates.path("/api/*/**").or(RequestPredicates.path("/apis/*/*/**")),
                this::handle);
    }

    private Mono<ServerResponse> handle(ServerRequest request) {
        return Mono.defer(() -> dispatch(request, RequestTarget.parse(request.path(), resources)))
                .onErrorResume(failure -> StatusErrors.answer(failure, request));
    }

    private Mono<ServerResponse> dispatch(ServerRequest request, RequestTarget target) {
        boolean one = !target.name().isEmpty();
        String deprecation = target.strategy().deprecation();
        if (!deprecation.isEmpty()) {
            Answers.warn(request, List.of(deprecation));
        }
        if (target.subresource() == null
                && !target.strategy().definition().verbs().contains(verb(request, one))) {
            return notAllowed();
        }
        return switch (request.method().name()) {
            case "GET" -> {
                if (new QueryOptions(request).flag("watch")) {
                    yield watch.handle(request, target);
                }
                yield one ? get.handle(request, target) : list.handle(request, target);
            }
            case "POST" -> {
                checkReadable(request, target);
                yield post(request, target);
            }
            case "PUT" -> {
                checkReadable(request, target);
                yield one ? update.put(request, target) : notAllowed();
            }
            case "PATCH" -> one ? update.patch(request, target) : notAllowed();
            case "DELETE" -> {
                if (target.subresource() != null) {
                    yield notAllowed();
                }
                yield one ? delete.one(request, target) : delete.collection(request, target);
            }
            default -> notAllowed();
        };
    }

    /** There is no protobuf message for a custom resource. */
    private static void checkReadable(ServerRequest request, RequestTarget target) {
        String type = BodyDecoder.mediaType(request);
        if (type.equals(ProtobufBody.MEDIA_TYPE) && !target.strategy().mergesStrategically()) {
            throw ApiException.unsupportedMediaType(type, "application/json, application/yaml");
        }
    }

    private ResourceStrategy pods() {
        return resources.find("v1", "pods").orElseThrow();
    }

    private static String verb(ServerRequest request, boolean one) {
        return switch (request.method().name()) {
            case "GET" -> one ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> one ? "delete" : "deletecollection";
            default -> "";
        };
    }

    private Mono<ServerResponse> post(ServerRequest request, RequestTarget target) {
        return switch (target.subresource()) {
            case BINDING -> binding.handle(request, target);
            case EVICTION -> eviction.handle(request, target);
            case TOKEN -> token.handle(request, target);
            case STATUS,
                    SCALE,
                    FINALIZE,
                    APPROVAL,
                    EPHEMERAL_CONTAINERS,
                    PROXY,
                    LOG,
                    EXEC,
                    ATTACH,
                    PORT_FORWARD ->
                    notAllowed();
            case null -> {
                if (!target.name().isEmpty()) {
                    yield notAllowed();
                }
                ResourceDefinition definition = target.strategy().definition();
                if (definition.storageKey().equals("bindings")) {
                    yield binding.ofNamedPod(request, target, pods());
                }
                yield ReviewKinds.isReview(definition)
                        ? review.handle(request, target)
                        : create.handle(request, target);
            }
        };
    }

    private static Mono<ServerResponse> notAllowed() {
        return Mono.error(
                ApiException.methodNotAllowed(
                        "the server does not allow this method on the requested resource"));
    }
}
