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
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code DELETE} of an object or of a collection. */
final class DeleteEndpoint {

    private static final Set<String> POLICIES = Set.of("Foreground", "Background", "Orphan");

    private final Registry registry;
    private final Deletions deletions;
    private final AdmissionChain admission;
    private final PolicyChecks policies;
    private final ListEndpoint list;
    private final Answers answers;

    DeleteEndpoint(
            Registry registry,
            Deletions deletions,
            AdmissionChain admission,
            PolicyChecks policies,
            ListEndpoint list,
            Answers answers) {
        this.registry = registry;
        this.deletions = deletions;
        this.admission = admission;
        this.policies = policies;
        this.list = list;
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

    /**
     * Deletes one by one what a list of the same parameters has, and answers with that list: the
     * objects as they were. Ends with the first that cannot be deleted.
     */
    Mono<ServerResponse> collection(ServerRequest request, RequestTarget target) {
        ResourceDefinition definition = target.strategy().definition();
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    DeleteOptions options = options(request, body);
                    ListEndpoint.Page page = list.read(request, target);
                    return Flux.fromIterable(page.objects())
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
                            .then(Mono.defer(() -> list.answer(request, target, page)));
                });
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
        ObjectNode details = status.putObject("details").put("name", name);
        if (!definition.group().isEmpty()) {
            details.put("group", definition.group());
        }
        details.put("kind", definition.plural()).put("uid", uid);
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
        List<String> dryRun = Json.texts(tree.path("dryRun"));
        check(policy, orphans, dryRun);
        return new DeleteOptions(
                seconds,
                propagation(policy, orphans),
                Json.text(tree, "preconditions.uid"),
                Json.text(tree, "preconditions.resourceVersion"),
                query.dryRun() || !dryRun.isEmpty());
    }

    /** As upstream's {@code ValidateDeleteOptions}. */
    private static void check(String policy, String orphans, List<String> dryRun) {
        List<FieldError> errors = new ArrayList<>();
        if (!orphans.isEmpty() && !policy.isEmpty()) {
            errors.add(
                    FieldError.invalid(
                            "propagationPolicy",
                            policy,
                            "orphanDependents and deletionPropagation cannot be both set"));
        }
        if (!policy.isEmpty() && !POLICIES.contains(policy)) {
            errors.add(
                    FieldError.notSupported(
                            "propagationPolicy",
                            policy,
                            List.of("Foreground", "Background", "Orphan", "nil")));
        }
        if (dryRun.stream().anyMatch(value -> !value.equals("All"))) {
            errors.add(FieldError.notSupported("dryRun", dryRun, List.of("All")));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid("meta.k8s.io", "DeleteOptions", "", errors);
        }
    }

    /** {@code orphans} is the older form: {@code true}, {@code false} or nothing. */
    private static Propagation propagation(String policy, String orphans) {
        if (!orphans.isEmpty()) {
            return Boolean.parseBoolean(orphans) ? Propagation.ORPHAN : Propagation.BACKGROUND;
        }
        return switch (policy) {
            case "Background" -> Propagation.BACKGROUND;
            case "Foreground" -> Propagation.FOREGROUND;
            case "Orphan" -> Propagation.ORPHAN;
            default -> Propagation.DEFAULT;
        };
    }
}
