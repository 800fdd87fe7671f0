package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.validation.Quantities;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives new containers the defaults of the namespace's LimitRanges and holds new pods, their
 * containers and new claims to their least, greatest and ratio.
 */
final class LimitRanger implements AdmissionPlugin {

    private static final String NOTE = "kubernetes.io/limit-ranger";

    private final WatchCache cache;

    LimitRanger(WatchCache cache) {
        this.cache = cache;
    }

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject object) {
        boolean pod = resource.storageKey().equals("pods");
        if (operation != Operation.CREATE
                || !(pod || resource.storageKey().equals("persistentvolumeclaims"))) {
            return;
        }
        List<ObjectNode> limits =
                cache.snapshot("limitranges").in(object.namespace()).values().stream()
                        .map(CachedObject::toObject)
                        .flatMap(range -> Json.objects(range.at("spec.limits")).stream())
                        .toList();
        if (limits.isEmpty()) {
            return;
        }
        List<String> errors = new ArrayList<>();
        if (pod) {
            List<String> notes = new ArrayList<>();
            limits.forEach(limit -> fill(object, limit, notes));
            if (!notes.isEmpty()) {
                Json.object(object.metadata(), "annotations")
                        .put(NOTE, "LimitRanger plugin set: " + String.join("; ", notes));
            }
            limits.forEach(limit -> checkPod(object, limit, errors));
        } else {
            limits.stream()
                    .filter(limit -> Json.text(limit, "type").equals("PersistentVolumeClaim"))
                    .forEach(limit ->
                            checkClaim(limit, object.at("spec.resources.requests"), errors));
        }
        if (!errors.isEmpty()) {
            throw ApiException.forbidden(
                    "",
                    resource.plural(),
                    object.name(),
                    errors.size() == 1 ? errors.getFirst() : errors.toString());
        }
    }

    private static void fill(ApiObject pod, ObjectNode limit, List<String> notes) {
        if (!Json.text(limit, "type").equals("Container")) {
            return;
        }
        for (String list : List.of("initContainers", "containers")) {
            for (ObjectNode container : Json.objects(pod.spec().path(list))) {
                String who =
                        (list.equals("containers") ? " for container " : " for init container ")
                                + Json.text(container, "name");
                fill(container, "requests", limit.path("defaultRequest"))
                        .ifPresent(names -> notes.add(names + " request" + who));
                fill(container, "limits", limit.path("default"))
                        .ifPresent(names -> notes.add(names + " limit" + who));
            }
        }
    }

    /** Sets what is missing; answers its names. */
    private static Optional<String> fill(ObjectNode container, String what, JsonNode defaults) {
        List<String> names = new ArrayList<>();
        defaults.properties()
                .forEach(entry -> {
                    ObjectNode amounts = Json.object(Json.object(container, "resources"), what);
                    if (!amounts.has(entry.getKey())) {
                        amounts.set(entry.getKey(), entry.getValue());
                        names.add(entry.getKey());
                    }
                });
        names.sort(null);
        return names.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", names));
    }

    private static void checkPod(ApiObject pod, ObjectNode limit, List<String> errors) {
        String type = Json.text(limit, "type");
        List<ObjectNode> containers = Json.objects(pod.at("spec.containers"));
        if (type.equals("Container")) {
            List<ObjectNode> all = new ArrayList<>(Json.objects(pod.at("spec.initContainers")));
            all.addAll(containers);
            for (ObjectNode container : all) {
                check(
                        limit,
                        type,
                        container.path("resources").path("requests"),
                        container.path("resources").path("limits"),
                        errors);
            }
        } else if (type.equals("Pod")) {
            check(limit, type, sum(containers, "requests"), sum(containers, "limits"), errors);
        }
    }

    private static void checkClaim(ObjectNode limit, JsonNode requests, List<String> errors) {
        least(limit, "PersistentVolumeClaim", requests, Json.newObject(), errors);
        limit.path("max")
                .properties()
                .forEach(entry -> {
                    Optional<BigDecimal> asked = amount(requests, entry.getKey());
                    if (asked.isPresent() && asked.get().compareTo(value(entry.getValue())) > 0) {
                        errors.add(
                                "maximum %s usage per PersistentVolumeClaim is %s, but request is %s"
                                        .formatted(
                                                entry.getKey(),
                                                entry.getValue().asString(""),
                                                requests.path(entry.getKey()).asString("")));
                    }
                });
    }

    private static void check(
            ObjectNode limit,
            String type,
            JsonNode requests,
            JsonNode limits,
            List<String> errors) {
        least(limit, type, requests, limits, errors);
        for (String name : names(limit.path("max"))) {
            String most = limit.path("max").path(name).asString("");
            Optional<BigDecimal> bound = amount(limits, name);
            Optional<BigDecimal> request = amount(requests, name);
            BigDecimal greatest = value(limit.path("max").path(name));
            if (bound.isEmpty()) {
                errors.add(
                        "maximum %s usage per %s is %s.  No limit is specified"
                                .formatted(name, type, most));
            } else if (bound.get().compareTo(greatest) > 0) {
                errors.add(
                        "maximum %s usage per %s is %s, but limit is %s"
                                .formatted(name, type, most, limits.path(name).asString("")));
            }
            if (request.isPresent() && request.get().compareTo(greatest) > 0) {
                errors.add(
                        "maximum %s usage per %s is %s, but request is %s"
                                .formatted(name, type, most, requests.path(name).asString("")));
            }
        }
        for (String name : names(limit.path("maxLimitRequestRatio"))) {
            ratio(limit, type, name, requests, limits, errors);
        }
    }

    private static void least(
            ObjectNode limit,
            String type,
            JsonNode requests,
            JsonNode limits,
            List<String> errors) {
        for (String name : names(limit.path("min"))) {
            String least = limit.path("min").path(name).asString("");
            BigDecimal smallest = value(limit.path("min").path(name));
            Optional<BigDecimal> request = amount(requests, name);
            Optional<BigDecimal> bound = amount(limits, name);
            if (request.isEmpty()) {
                errors.add(
                        "minimum %s usage per %s is %s.  No request is specified"
                                .formatted(name, type, least));
            } else if (request.get().compareTo(smallest) < 0) {
                errors.add(
                        "minimum %s usage per %s is %s, but request is %s"
                                .formatted(name, type, least, requests.path(name).asString("")));
            }
            if (bound.isPresent() && bound.get().compareTo(smallest) < 0) {
                errors.add(
                        "minimum %s usage per %s is %s, but limit is %s"
                                .formatted(name, type, least, limits.path(name).asString("")));
            }
        }
    }

    private static void ratio(
            ObjectNode limit,
            String type,
            String name,
            JsonNode requests,
            JsonNode limits,
            List<String> errors) {
        String most = limit.path("maxLimitRequestRatio").path(name).asString("");
        Optional<BigDecimal> request = amount(requests, name);
        Optional<BigDecimal> bound = amount(limits, name);
        String what =
                "%s max limit to request ratio per %s is %s, but ".formatted(name, type, most);
        if (request.isEmpty() || request.get().signum() == 0) {
            errors.add(what + "no request is specified or request is 0");
        } else if (bound.isEmpty() || bound.get().signum() == 0) {
            errors.add(what + "no limit is specified or limit is 0");
        } else {
            BigDecimal ratio = bound.get().divide(request.get(), 6, RoundingMode.HALF_UP);
            if (ratio.compareTo(value(limit.path("maxLimitRequestRatio").path(name))) > 0) {
                errors.add(what + String.format(Locale.ROOT, "provided ratio is %.6f", ratio));
            }
        }
    }

    /** The sum over containers; a resource that one of them does not name is not limited. */
    private static ObjectNode sum(List<ObjectNode> containers, String what) {
        ObjectNode sum = Json.newObject();
        TreeSet<String> names = new TreeSet<>();
        containers.forEach(c -> names.addAll(names(c.path("resources").path(what))));
        for (String name : names) {
            BigDecimal total = BigDecimal.ZERO;
            boolean all = true;
            for (ObjectNode container : containers) {
                Optional<BigDecimal> amount = amount(container.path("resources").path(what), name);
                total = total.add(amount.orElse(BigDecimal.ZERO));
                all &= amount.isPresent();
            }
            if (all || what.equals("requests")) {
                sum.put(name, total.toPlainString());
            }
        }
        return sum;
    }

    private static List<String> names(JsonNode amounts) {
        return amounts.properties().stream().map(java.util.Map.Entry::getKey).toList();
    }

    private static Optional<BigDecimal> amount(JsonNode amounts, String name) {
        return amounts.path(name).isMissingNode()
                ? Optional.empty()
                : Optional.of(value(amounts.path(name)));
    }

    private static BigDecimal value(JsonNode quantity) {
        return Quantities.parse(quantity.asString("")).orElse(BigDecimal.ZERO);
    }
}
