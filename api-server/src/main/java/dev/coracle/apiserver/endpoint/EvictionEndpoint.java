package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.DeleteOptions;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST} to {@code pods/<name>/eviction}: a delete that a PodDisruptionBudget may refuse
 * (Kubernetes: API-initiated Eviction).
 */
final class EvictionEndpoint {

    private static final String BUDGETS = "poddisruptionbudgets.policy";
    private static final String SCHEMA = "io.k8s.api.policy.v1.Eviction";
    private static final String DISRUPTED = "DisruptionTarget";

    private final ResourceRegistry resources;
    private final Registry registry;
    private final Deletions deletions;
    private final WatchCache cache;
    private final PolicyChecks policies;
    private final BodyDecoder decoder;
    private final InstantSource clock;

    EvictionEndpoint(
            ResourceRegistry resources,
            Registry registry,
            WatchCache cache,
            PolicyChecks policies,
            BodyDecoder decoder,
            InstantSource clock) {
        this.resources = resources;
        this.registry = registry;
        this.deletions = new Deletions(registry);
        this.cache = cache;
        this.policies = policies;
        this.decoder = decoder;
        this.clock = clock;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    ObjectNode tree = BodyDecoder.tree(request, body);
                    String version =
                            Json.text(tree, "apiVersion").equals("policy/v1beta1")
                                    ? "v1beta1"
                                    : "v1";
                    ApiObject eviction =
                            decoder.decode(
                                            tree,
                                            new GroupVersionKind("policy", version, "Eviction"),
                                            SCHEMA,
                                            new QueryOptions(request).text("fieldValidation"),
                                            CreateEndpoint.duplicates(request, body))
                                    .object();
                    if (!eviction.name().isEmpty() && !eviction.name().equals(target.name())) {
                        throw ApiException.badRequest(
                                "name in URL does not match name in Eviction object");
                    }
                    DeleteOptions options =
                            DeleteEndpoint.options(
                                    new QueryOptions(request),
                                    Json.object(eviction.tree(), "deleteOptions"));
                    PolicyCheck check = policies.of(request, target);
                    return check.action(eviction)
                            .then(Mono.defer(() -> evict(target, options)))
                            .then(
                                    Mono.defer(() -> {
                                        Answers.warn(request, check.and(List.of()));
                                        return Answers.json(201, success());
                                    }));
                });
    }

    private Mono<?> evict(RequestTarget target, DeleteOptions options) {
        ApiObject pod = registry.get(target.strategy(), target.key());
        boolean needsNoBudget =
                pod.isBeingDeleted()
                        || Set.of("Succeeded", "Failed", "Pending")
                                .contains(pod.text("status.phase"));
        Mono<Deletions.Deleted> delete = markAndDelete(target, options);
        if (needsNoBudget) {
            return delete;
        }
        List<NamespacedName> budgets =
                cache.snapshot(BUDGETS).in(pod.namespace()).values().stream()
                        .filter(budget -> covers(budget, pod))
                        .map(CachedObject::key)
                        .toList();
        if (budgets.size() > 1) {
            return Mono.error(
                    ApiException.unknown(
                            "This pod has more than one PodDisruptionBudget, which the eviction"
                                    + " subresource does not support."));
        }
        if (budgets.isEmpty()) {
            return delete;
        }
        if (cache.find(BUDGETS, budgets.getFirst())
                .filter(budget -> isFree(budget.toObject(), pod))
                .isPresent()) {
            return delete;
        }
        ResourceStrategy strategy =
                resources
                        .find("policy/v1", "poddisruptionbudgets")
                        .orElseThrow(() -> new IllegalStateException("no PodDisruptionBudget"));
        return registry.update(
                        strategy,
                        budgets.getFirst(),
                        Registry.Scope.STATUS,
                        new WriteOptions(
                                options.dryRun(), "kube-apiserver", Subresource.STATUS.path()),
                        budget -> charged(budget, pod))
                .then(delete);
    }

    /** The pod says why it goes before it does. */
    private Mono<Deletions.Deleted> markAndDelete(RequestTarget target, DeleteOptions options) {
        if (options.dryRun()) {
            return deletions.delete(target.strategy(), target.key(), options);
        }
        // the mark is a new resourceVersion
        DeleteOptions afterwards =
                new DeleteOptions(
                        options.gracePeriodSeconds(),
                        options.propagation(),
                        options.uid(),
                        "",
                        false);
        return registry.update(
                        target.strategy(),
                        target.key(),
                        Registry.Scope.STATUS,
                        new WriteOptions(false, "kube-apiserver", Subresource.STATUS.path()),
                        pod -> {
                            Deletions.checkPreconditions(
                                    target.strategy().definition(), pod, options);
                            return marked(pod);
                        })
                .then(
                        Mono.defer(() ->
                                deletions.delete(target.strategy(), target.key(), afterwards)));
    }

    private ApiObject marked(ApiObject pod) {
        ObjectNode status = pod.status();
        ArrayNode conditions =
                status.path("conditions") instanceof ArrayNode known
                        ? known
                        : status.putArray("conditions");
        conditions.removeIf(condition -> Json.text(condition, "type").equals(DISRUPTED));
        conditions
                .addObject()
                .put("type", DISRUPTED)
                .put("status", "True")
                .put("reason", "EvictionByEvictionAPI")
                .put("message", "Eviction API: evicting")
                .putNull("lastProbeTime")
                .put("lastTransitionTime", now());
        return pod;
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * A pod that is not ready costs no budget: always, or while enough others are healthy, as
     * {@code unhealthyPodEvictionPolicy} says.
     */
    private static boolean isFree(ApiObject budget, ApiObject pod) {
        boolean ready =
                Json.objects(pod.at("status.conditions")).stream()
                        .anyMatch(condition ->
                                Json.text(condition, "type").equals("Ready")
                                        && Json.text(condition, "status").equals("True"));
        if (ready) {
            return false;
        }
        long desired = budget.at("status.desiredHealthy").asLong(0);
        return budget.text("spec.unhealthyPodEvictionPolicy").equals("AlwaysAllow")
                || (desired > 0 && budget.at("status.currentHealthy").asLong(0) >= desired);
    }

    private static boolean covers(CachedObject object, ApiObject pod) {
        ApiObject budget = object.toObject();
        return budget.at("spec.selector").isObject()
                && LabelSelector.of(budget.at("spec.selector")).matches(pod.labels());
    }

    /** The budget with one disruption less. */
    private ApiObject charged(ApiObject budget, ApiObject pod) {
        long allowed = budget.at("status.disruptionsAllowed").asLong(0);
        if (budget.at("status.observedGeneration").asLong(0) < budget.generation()) {
            throw ApiException.tooManyRequests(
                    "Cannot evict pod as it would violate the pod's disruption budget.",
                    "The disruption budget "
                            + budget.name()
                            + " is still being processed by the server.",
                    10);
        }
        if (allowed <= 0) {
            throw ApiException.tooManyRequests(
                    "Cannot evict pod as it would violate the pod's disruption budget.",
                    "The disruption budget "
                            + budget.name()
                            + " needs "
                            + budget.at("status.desiredHealthy").asLong(0)
                            + " healthy pods and has "
                            + budget.at("status.currentHealthy").asLong(0)
                            + " currently",
                    0);
        }
        ObjectNode status = budget.status();
        status.put("disruptionsAllowed", allowed - 1);
        Json.object(status, "disruptedPods").put(pod.name(), now());
        return budget;
    }

    private static ObjectNode success() {
        ObjectNode status = Json.newObject();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        return status.put("status", "Success").put("code", 201);
    }
}
