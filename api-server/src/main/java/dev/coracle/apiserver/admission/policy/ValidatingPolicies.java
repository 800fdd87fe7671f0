package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.customresource.rule.PolicyExpression;
import dev.coracle.apiserver.customresource.rule.PolicyExpression.Failure;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** The policies in force: those that a binding names. Thread-safe. */
public final class ValidatingPolicies {

    private static final String GROUP = "admissionregistration.k8s.io";
    private static final String POLICIES = "validatingadmissionpolicies." + GROUP;
    private static final String BINDINGS = "validatingadmissionpolicybindings." + GROUP;

    private final WatchCache cache;
    private final ResourceRegistry resources;
    private final ResourceRules rules;
    private final Map<String, Compiled> compiled = new ConcurrentHashMap<>();

    private record Compiled(long revision, CompiledPolicy policy) {}

    /** A validation that did not hold, or an expression that failed. */
    private record Refusal(String message, String reason) {}

    public ValidatingPolicies(WatchCache cache, ResourceRegistry resources) {
        this.cache = cache;
        this.resources = resources;
        this.rules = new ResourceRules(cache, resources);
    }

    /** Whether there is anything to check a request against. */
    public boolean isEmpty() {
        return cache.snapshot(BINDINGS).objects().isEmpty();
    }

    /**
     * Checks a request.
     *
     * @return warnings for the client
     * @throws ApiException 403, 422, ... by the reason of the validation that does not hold
     */
    public List<String> check(AdmissionRequest request) {
        // who could not change the policies could not repair them
        if (request.resource().group().equals(GROUP)) {
            return List.of();
        }
        List<String> warnings = new ArrayList<>();
        for (CachedObject cached : cache.snapshot(BINDINGS).objects().values()) {
            ApiObject binding = cached.toObject();
            Optional<CompiledPolicy> policy = policy(binding.text("spec.policyName"));
            if (policy.isPresent()
                    && rules.match(policy.get().constraints(), request)
                    && rules.match(binding.at("spec.matchResources"), request)) {
                check(request, policy.get(), binding, warnings);
            }
        }
        return warnings;
    }

    private Optional<CompiledPolicy> policy(String name) {
        Optional<CachedObject> found = cache.find(POLICIES, new NamespacedName("", name));
        if (found.isEmpty()) {
            compiled.remove(name);
        }
        return found.map(cached ->
                compiled.compute(
                                name,
                                (_, before) ->
                                        before != null && before.revision() == cached.revision()
                                                ? before
                                                : new Compiled(
                                                        cached.revision(),
                                                        CompiledPolicy.of(cached.toObject())))
                        .policy());
    }

    private void check(
            AdmissionRequest request,
            CompiledPolicy policy,
            ApiObject binding,
            List<String> warnings) {
        List<Refusal> refusals = new ArrayList<>();
        for (JsonNode params : params(request, policy, binding, refusals)) {
            evaluate(request, policy, params, refusals);
        }
        List<String> actions = Json.texts(binding.at("spec.validationActions"));
        for (Refusal refusal : refusals) {
            if (actions.contains("Warn")) {
                warnings.add(
                        "Validation failed for ValidatingAdmissionPolicy '%s' with binding '%s': %s"
                                .formatted(policy.name(), binding.name(), refusal.message()));
            }
            if (actions.contains("Deny")) {
                throw ApiException.refusedByPolicy(
                        request.resource().group(),
                        request.resource().plural(),
                        request.name(),
                        refusal.reason(),
                        "ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s"
                                .formatted(policy.name(), binding.name(), refusal.message()));
            }
        }
    }

    private void evaluate(
            AdmissionRequest request,
            CompiledPolicy policy,
            JsonNode params,
            List<Refusal> refusals) {
        PolicyExpression.Inputs inputs =
                new PolicyExpression.Inputs()
                        .with("object", tree(request.object()))
                        .with("oldObject", tree(request.old()))
                        .with("request", request.toJson())
                        .with("params", params)
                        .with("namespaceObject", namespace(request))
                        .withVariables(policy.variables());
        try {
            for (PolicyExpression condition : policy.conditions()) {
                if (!condition.holds(inputs)) {
                    return;
                }
            }
        } catch (Failure e) {
            fail(policy, "matchConditions: " + e.getMessage(), refusals);
            return;
        }
        for (CompiledPolicy.Validation validation : policy.validations()) {
            try {
                if (!validation.expression().holds(inputs)) {
                    refusals.add(new Refusal(message(validation, inputs), validation.reason()));
                }
            } catch (Failure e) {
                fail(
                        policy,
                        "expression '%s' resulted in error: %s"
                                .formatted(validation.expression().source(), e.getMessage()),
                        refusals);
            }
        }
    }

    private static void fail(CompiledPolicy policy, String message, List<Refusal> refusals) {
        if (!policy.ignoresFailures()) {
            refusals.add(new Refusal(message, ""));
        }
    }

    private static String message(
            CompiledPolicy.Validation validation, PolicyExpression.Inputs inputs) {
        PolicyExpression expression = validation.messageExpression();
        if (expression != null) {
            try {
                if (expression.evaluate(inputs) instanceof String text
                        && !text.isBlank()
                        && text.indexOf('\n') < 0) {
                    return text.strip();
                }
            } catch (Failure _) {
                // the message below says enough
            }
        }
        return validation.message().isEmpty()
                ? "failed expression: " + validation.expression().source()
                : validation.message();
    }

    private static JsonNode tree(@Nullable ApiObject object) {
        return object == null ? NullNode.getInstance() : object.tree();
    }

    private JsonNode namespace(AdmissionRequest request) {
        return request.namespace().isEmpty()
                ? NullNode.getInstance()
                : cache.find("namespaces", new NamespacedName("", request.namespace()))
                        .<JsonNode>map(found -> found.toObject().tree())
                        .orElse(NullNode.getInstance());
    }

    /** The objects to evaluate the policy with, one by one; null for a policy that takes none. */
    private List<JsonNode> params(
            AdmissionRequest request,
            CompiledPolicy policy,
            ApiObject binding,
            List<Refusal> refusals) {
        if (policy.paramKind().isEmpty()
                || !(binding.at("spec.paramRef") instanceof ObjectNode reference)) {
            return List.of(NullNode.getInstance());
        }
        String apiVersion = Json.text(policy.paramKind(), "apiVersion");
        String kind = Json.text(policy.paramKind(), "kind");
        Optional<ResourceStrategy> resource =
                resources.in(apiVersion).stream()
                        .filter(each -> each.definition().kind().kind().equals(kind))
                        .findFirst();
        if (resource.isEmpty()) {
            fail(
                    policy,
                    "failed to configure binding: failed to find resource referenced by"
                            + " paramKind: '"
                            + apiVersion
                            + ", Kind="
                            + kind
                            + "'",
                    refusals);
            return List.of();
        }
        List<JsonNode> found = found(resource.get(), reference, request);
        if (found.isEmpty() && Json.text(reference, "parameterNotFoundAction").equals("Deny")) {
            fail(
                    policy,
                    "failed to configure binding: no params found for policy binding with `Deny`"
                            + " parameterNotFoundAction",
                    refusals);
        }
        return found;
    }

    private List<JsonNode> found(
            ResourceStrategy resource, ObjectNode reference, AdmissionRequest request) {
        String namespace = Json.text(reference, "namespace");
        if (resource.definition().namespaced() && namespace.isEmpty()) {
            namespace = request.namespace();
        }
        String name = Json.text(reference, "name");
        LabelSelector selector = LabelSelector.of(reference.path("selector"));
        List<JsonNode> found = new ArrayList<>();
        for (CachedObject candidate :
                cache.snapshot(resource.definition().storageKey()).objects().values()) {
            boolean here =
                    !resource.definition().namespaced()
                            || candidate.key().namespace().equals(namespace);
            boolean wanted =
                    name.isEmpty()
                            ? selector.matches(candidate.labels())
                            : candidate.key().name().equals(name);
            if (here && wanted) {
                found.add(resource.toServed(candidate.toObject()).tree());
            }
        }
        return found;
    }
}
