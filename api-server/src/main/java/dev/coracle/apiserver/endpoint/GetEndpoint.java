package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.apps.Scale;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** {@code GET} of one object, its status or its scale. */
final class GetEndpoint {

    private static final Set<Subresource> NOT_READ =
            EnumSet.of(
                    Subresource.BINDING,
                    Subresource.FINALIZE,
                    Subresource.EVICTION,
                    Subresource.TOKEN,
                    Subresource.PROXY,
                    Subresource.LOG,
                    Subresource.EXEC,
                    Subresource.ATTACH,
                    Subresource.PORT_FORWARD);

    private final WatchCache cache;
    private final Answers answers;

    GetEndpoint(WatchCache cache, Answers answers) {
        this.cache = cache;
        this.answers = answers;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        ResourceDefinition definition = target.strategy().definition();
        ListEndpoint.checkReachable(new QueryOptions(request), cache.revision());
        CachedObject found =
                cache.find(definition.storageKey(), target.key())
                        .orElseThrow(() -> notFound(target));
        Subresource subresource = target.subresource();
        if (subresource == Subresource.SCALE) {
            byte[] scale =
                    Json.MAPPER.writeValueAsBytes(target.strategy().scaleOf(found.toObject()));
            return answers.printed(request, 200, scale, Scale.TABLE, List.of());
        } else if (subresource != null && NOT_READ.contains(subresource)) {
            throw ApiException.methodNotAllowed(
                    "the server does not allow this method on the requested resource");
        }
        return answers.object(request, target, 200, found.json(), List.of());
    }

    /** Of the oldest kinds with a scale upstream misses that, of others the object. */
    private static ApiException notFound(RequestTarget target) {
        ResourceDefinition definition = target.strategy().definition();
        if (target.subresource() == Subresource.SCALE) {
            switch (definition.storageKey()) {
                case "deployments.apps", "replicasets.apps" -> {
                    return ApiException.notFound(
                            definition.group(), definition.plural() + "/scale", target.name());
                }
                case "replicationcontrollers" -> {
                    return ApiException.notFound(
                            "autoscaling", definition.plural() + "/scale", target.name());
                }
                default -> {}
            }
        }
        return ApiException.notFound(definition.group(), definition.plural(), target.name());
    }
}
