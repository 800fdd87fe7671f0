package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Comparator;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives a new pod the priority and the preemption policy of its PriorityClass: the one it names, or
 * the default, or none with priority 0.
 */
final class PriorityAdmission implements AdmissionPlugin {

    private static final String PREEMPTS = "PreemptLowerPriority";

    private final WatchCache cache;

    PriorityAdmission(WatchCache cache) {
        this.cache = cache;
    }

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject pod) {
        if (operation != Operation.CREATE || !resource.storageKey().equals("pods")) {
            return;
        }
        ObjectNode spec = pod.spec();
        Optional<ApiObject> found = classOf(pod);
        found.ifPresent(priorityClass -> spec.put("priorityClassName", priorityClass.name()));
        int priority = found.map(c -> c.at("value").asInt(0)).orElse(0);
        String policy = found.map(c -> c.text("preemptionPolicy")).orElse("");
        policy = policy.isEmpty() ? PREEMPTS : policy;
        JsonNode given = spec.path("priority");
        if (given.isNumber() && given.asInt(0) != priority) {
            throw forbidden(
                    pod,
                    "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name"
                            .formatted(given.asInt(0), priority));
        }
        String givenPolicy = pod.text("spec.preemptionPolicy");
        if (!givenPolicy.isEmpty() && !givenPolicy.equals(policy)) {
            throw forbidden(
                    pod,
                    "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name"
                            .formatted(givenPolicy, policy));
        }
        spec.put("priority", priority).put("preemptionPolicy", policy);
    }

    private Optional<ApiObject> classOf(ApiObject pod) {
        String name = pod.text("spec.priorityClassName");
        if (name.isEmpty()) {
            return cache.snapshot("priorityclasses.scheduling.k8s.io").objects().values().stream()
                    .map(CachedObject::toObject)
                    .filter(each -> each.at("globalDefault").asBoolean(false))
                    // as upstream: of several the one that promises least
                    .min(Comparator.comparingInt(each -> each.at("value").asInt(0)));
        }
        Optional<ApiObject> named =
                cache.find("priorityclasses.scheduling.k8s.io", new NamespacedName("", name))
                        .map(CachedObject::toObject);
        if (named.isEmpty()) {
            throw forbidden(pod, "no PriorityClass with name " + name + " was found");
        }
        return named;
    }

    private static ApiException forbidden(ApiObject pod, String message) {
        return ApiException.forbidden("", "pods", pod.name(), message);
    }
}
