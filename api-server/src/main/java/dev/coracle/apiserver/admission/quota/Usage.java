package dev.coracle.apiserver.admission.quota;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an object uses, by the names a quota may limit (Kubernetes: Resource Quotas).
 *
 * <p>Pods count as long as they have not ended: by number, requests and limits. Services count
 * their load balancers and node ports, claims their storage, altogether and of their class.
 * Everything counts as {@code count/<plural>.<group>}.
 */
final class Usage {

    static final String PODS = "pods";
    static final String SERVICES = "services";
    static final String CLAIMS = "persistentvolumeclaims";

    /** Without {@code count/}: of these upstream has had names from the beginning. */
    private static final Set<String> NAMED =
            Set.of(
                    PODS,
                    SERVICES,
                    CLAIMS,
                    "configmaps",
                    "secrets",
                    "replicationcontrollers",
                    "resourcequotas");

    private static final Set<String> COMPUTE = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> MUST_BE_SAID =
            Set.of(
                    "cpu",
                    "memory",
                    "requests.cpu",
                    "requests.memory",
                    "limits.cpu",
                    "limits.memory");
    private static final String OF_CLASS = ".storageclass.storage.k8s.io/";

    private Usage() {}

    /** Whether what an object of {@code resource} uses may be limited under {@code name}. */
    static boolean counts(ResourceDefinition resource, String name) {
        if (name.equals(countName(resource))) {
            return true;
        }
        if (!resource.group().isEmpty()) {
            return false;
        }
        return switch (resource.plural()) {
            case PODS -> name.equals(PODS) || isOfPods(name);
            case SERVICES ->
                    Set.of(SERVICES, "services.loadbalancers", "services.nodeports").contains(name);
            case CLAIMS ->
                    Set.of(CLAIMS, "requests.storage").contains(name) || name.contains(OF_CLASS);
            case String plural -> NAMED.contains(plural) && name.equals(plural);
        };
    }

    private static boolean isOfPods(String name) {
        String plain = name.replaceFirst("^(requests|limits)\\.", "");
        boolean isPlain = plain.equals(name);
        return COMPUTE.contains(plain)
                || (plain.startsWith("hugepages-") && !name.startsWith("limits."))
                || (!isPlain && !name.startsWith("limits.") && plain.contains("/"));
    }

    /** Whether every object of {@code resource} uses the same, whatever it says. */
    static boolean isPlainCount(ResourceDefinition resource) {
        return !resource.group().isEmpty()
                || !Set.of(PODS, SERVICES, CLAIMS).contains(resource.plural());
    }

    static Map<String, Amount> of(ResourceDefinition resource, ApiObject object) {
        Map<String, Amount> usage = new TreeMap<>();
        usage.put(countName(resource), Amount.ONE);
        if (!resource.group().isEmpty()) {
            return usage;
        }
        switch (resource.plural()) {
            case PODS -> ofPod(object, usage);
            case SERVICES -> ofService(object, usage);
            case CLAIMS -> ofClaim(object, usage);
            case String plural -> {
                if (NAMED.contains(plural)) {
                    usage.put(plural, Amount.ONE);
                }
            }
        }
        return usage;
    }

    private static String countName(ResourceDefinition resource) {
        return "count/"
                + resource.plural()
                + (resource.group().isEmpty() ? "" : "." + resource.group());
    }

    private static void ofPod(ApiObject pod, Map<String, Amount> usage) {
        if (Set.of("Succeeded", "Failed").contains(pod.text("status.phase"))) {
            return;
        }
        usage.put(PODS, Amount.ONE);
        computed(pod, "requests")
                .forEach((name, amount) -> {
                    usage.put("requests." + name, amount);
                    if (COMPUTE.contains(name) || name.startsWith("hugepages-")) {
                        usage.put(name, amount);
                    }
                });
        computed(pod, "limits")
                .forEach((name, amount) -> {
                    if (COMPUTE.contains(name)) {
                        usage.put("limits." + name, amount);
                    }
                });
    }

    /** What all containers need together; at the start each init container with its sidecars. */
    private static Map<String, Amount> computed(ApiObject pod, String what) {
        Map<String, Amount> sidecars = new HashMap<>();
        Map<String, Amount> greatest = new HashMap<>();
        for (ObjectNode container : Json.objects(pod.at("spec.initContainers"))) {
            Map<String, Amount> needed = Amount.all(Json.at(container, "resources." + what));
            if (Json.text(container, "restartPolicy").equals("Always")) {
                Amount.add(sidecars, needed);
                sidecars.forEach((name, amount) -> greatest.merge(name, amount, Amount::max));
            } else {
                Map<String, Amount> together = new HashMap<>(sidecars);
                Amount.add(together, needed);
                together.forEach((name, amount) -> greatest.merge(name, amount, Amount::max));
            }
        }
        Map<String, Amount> sum = new HashMap<>(sidecars);
        for (ObjectNode container : Json.objects(pod.at("spec.containers"))) {
            Amount.add(sum, Amount.all(Json.at(container, "resources." + what)));
        }
        greatest.forEach((name, amount) -> sum.merge(name, amount, Amount::max));
        Amount.all(pod.at("spec.overhead"))
                .forEach((name, amount) -> {
                    if (what.equals("requests") || sum.containsKey(name)) {
                        sum.merge(name, amount, Amount::plus);
                    }
                });
        return sum;
    }

    private static void ofService(ApiObject service, Map<String, Amount> usage) {
        usage.put(SERVICES, Amount.ONE);
        List<ObjectNode> ports = Json.objects(service.at("spec.ports"));
        String type = service.text("spec.type");
        if (type.equals("NodePort")) {
            usage.put("services.nodeports", Amount.of(ports.size()));
        } else if (type.equals("LoadBalancer")) {
            boolean all = service.at("spec.allocateLoadBalancerNodePorts").asBoolean(true);
            usage.put("services.loadbalancers", Amount.ONE);
            usage.put(
                    "services.nodeports",
                    Amount.of(
                            ports.stream()
                                    .filter(port -> all || port.path("nodePort").asInt(0) != 0)
                                    .count()));
        }
    }

    private static void ofClaim(ApiObject claim, Map<String, Amount> usage) {
        usage.put(CLAIMS, Amount.ONE);
        Amount asked = Amount.parse(claim.text("spec.resources.requests.storage"));
        Amount given = Amount.parse(claim.text("status.allocatedResources.storage"));
        Amount storage = Amount.max(asked, given);
        usage.put("requests.storage", storage);
        String storageClass = claim.text("spec.storageClassName");
        if (!storageClass.isEmpty()) {
            usage.put(storageClass + OF_CLASS + CLAIMS, Amount.ONE);
            usage.put(storageClass + OF_CLASS + "requests.storage", storage);
        }
    }

    /**
     * What a new pod leaves unsaid although a quota limits it: {@code must specify cpu for: a,b};
     * empty if nothing.
     */
    static String unsaid(ApiObject pod, Set<String> limited) {
        Map<String, Set<String>> missing = new TreeMap<>();
        List<ObjectNode> containers = new ArrayList<>(Json.objects(pod.at("spec.containers")));
        containers.addAll(Json.objects(pod.at("spec.initContainers")));
        for (String name : limited) {
            if (!MUST_BE_SAID.contains(name)) {
                continue;
            }
            String what = name.startsWith("limits.") ? "limits" : "requests";
            String resource = name.replaceFirst("^(requests|limits)\\.", "");
            for (ObjectNode container : containers) {
                JsonNode amounts = Json.at(container, "resources." + what);
                if (!amounts.has(resource)) {
                    missing.computeIfAbsent(name, _ -> new TreeSet<>())
                            .add(Json.text(container, "name"));
                }
            }
        }
        return missing.isEmpty()
                ? ""
                : "must specify "
                        + missing.entrySet().stream()
                                .map(entry ->
                                        entry.getKey()
                                                + " for: "
                                                + String.join(",", entry.getValue()))
                                .collect(Collectors.joining("; "));
    }
}
