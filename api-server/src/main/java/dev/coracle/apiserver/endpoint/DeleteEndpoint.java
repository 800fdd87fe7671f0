package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeleteOptions;
import dev.coracle.apiserver.registry.DeleteOptions.Propagation;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.List;
import java.util.OptionalLong;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code DELETE} of an object or of a collection. */
final class DeleteEndpoint {

    private final Registry registry;
    private final Deletions deletions;
    private final AdmissionChain admission;
    private final PolicyChecks policies;
    private final WatchCache cache;
    private final Answers answers;

    DeleteEndpoint(
            Registry registry,
            Deletions deletions,
            AdmissionChain admission,
            PolicyChecks policies,
            WatchCache cache,
            Answers answers) {
        this.registry = registry;
        this.deletions = deletions;
        this.admission = admission;
        this.policies = policies;
        this.cache = cache;
        this.answers = answers;
    }

    Mono<ServerResponse> one(ServerRequest request, RequestTarget target) {
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    DeleteOptions options = options(request, body);
                    ApiObject object = registry.get(target.strategy(), target.key());
                    admission.admit(Operation.DELETE, target.strategy().definition(), object);
                    PolicyCheck check = policies.of(request, target);
                    return check.deletion(object)
                            .then(deletions.delete(target.strategy(), target.key(), options))
                            .flatMap(deleted -> {
                                Answers.warn(request, check.and(List.of()));
                                return answer(request, target, deleted);
                            });
                });
    }

    Mono<ServerResponse> collection(ServerRequest request, RequestTarget target) {
        ResourceDefinition definition = target.strategy().definition();
        Selection selection =
                new QueryOptions(request).selection(target.strategy(), target.namespace());
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    DeleteOptions options = options(request, body);
                    List<CachedObject> matching =
                            cache.snapshot(definition.storageKey()).objects().values().stream()
                                    .filter(object -> object.isIn(selection))
                                    .toList();
                    return Flux.fromIterable(matching)
                            .concatMap(object -> {
                                admission.admit(Operation.DELETE, definition, object.toObject());
                                PolicyCheck check = policies.of(request, target);
                                return check.deletion(object.toObject())
                                        .then(
                                                deletions.delete(
                                                        target.strategy(), object.key(), options))
                                        .doOnNext(_ -> Answers.warn(request, check.and(List.of())));
                            })
                            .onErrorContinue(DeleteEndpoint::isGone, (_, _) -> {})
                            .then();
                })
                .then(Mono.defer(() -> Answers.json(success(definition, "", ""))));
    }

    private Mono<ServerResponse> answer(
            ServerRequest request, RequestTarget target, Deletions.Deleted deleted) {
        if (!deleted.gone() || target.strategy().answersDeleteWithObject()) {
            return answers.object(request, target, 200, deleted.object().json(), List.of());
        }
        return Answers.json(
                success(
                        target.strategy().definition(),
                        target.name(),
                        deleted.object().toObject().uid()));
    }

    private static boolean isGone(Throwable failure) {
        return failure instanceof ApiException api && api.code() == 404;
    }

    private static ObjectNode success(ResourceDefinition definition, String name, String uid) {
        ObjectNode status = Json.newObject();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Success");
        if (!name.isEmpty()) {
            ObjectNode details = status.putObject("details").put("name", name);
            if (!definition.group().isEmpty()) {
                details.put("group", definition.group());
            }
            details.put("kind", definition.plural()).put("uid", uid);
        }
        return status;
    }

    /** From the body, and where it says nothing from the query. */
    private static DeleteOptions options(ServerRequest request, byte[] body) {
        return options(
                new QueryOptions(request),
                body.length == 0 ? Json.newObject() : BodyDecoder.tree(request, body));
    }

    /** The same from {@code DeleteOptions} that have been read. */
    static DeleteOptions options(QueryOptions query, ObjectNode tree) {
        JsonNode grace = tree.path("gracePeriodSeconds");
        if (!grace.isMissingNode() && !grace.isNull() && !grace.canConvertToLong()) {
            throw ApiException.badRequest(
                    "invalid DeleteOptions: gracePeriodSeconds: " + grace + ": must be a number");
        }
        OptionalLong queryGrace = query.number("gracePeriodSeconds");
        Long seconds = null;
        if (grace.isNumber()) {
            seconds = grace.asLong();
        } else if (queryGrace.isPresent()) {
            seconds = queryGrace.getAsLong();
        }
        String policy = Json.text(tree, "propagationPolicy");
        if (policy.isEmpty()) {
            policy = query.text("propagationPolicy");
        }
        String orphans = tree.path("orphanDependents").asString("");
        if (orphans.isEmpty()) {
            orphans = query.text("orphanDependents");
        }
        return new DeleteOptions(
                seconds,
                propagation(policy, orphans),
                Json.text(tree, "preconditions.uid"),
                Json.text(tree, "preconditions.resourceVersion"),
                query.dryRun() || Json.texts(tree.path("dryRun")).contains("All"));
    }

    /** {@code orphans} is the older form: {@code true}, {@code false} or nothing. */
    private static Propagation propagation(String policy, String orphans) {
        if (!orphans.isEmpty()) {
            if (!policy.isEmpty()) {
                throw ApiException.badRequest(
                        "invalid DeleteOptions: propagationPolicy: Invalid value: \""
                                + policy
                                + "\": orphanDependents and deletionPropagation cannot be both set");
            }
            return Boolean.parseBoolean(orphans) ? Propagation.ORPHAN : Propagation.BACKGROUND;
        }
        return switch (policy) {
            case "" -> Propagation.DEFAULT;
            case "Background" -> Propagation.BACKGROUND;
            case "Foreground" -> Propagation.FOREGROUND;
            case "Orphan" -> Propagation.ORPHAN;
            default ->
                    throw ApiException.badRequest(
                            "invalid DeleteOptions: propagationPolicy: Unsupported value: \""
                                    + policy
                                    + "\": supported values: \"Background\", \"Foreground\","
                                    + " \"Orphan\"");
        };
    }
}
