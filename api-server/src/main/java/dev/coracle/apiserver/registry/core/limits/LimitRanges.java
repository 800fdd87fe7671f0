package dev.coracle.apiserver.registry.core.limits;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Quantities;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/** LimitRanges. */
public final class LimitRanges {

    /** Pairs of which the first may not be greater than the second. */
    private static final List<List<String>> ORDER =
            List.of(
                    List.of("min", "max"),
                    List.of("min", "default"),
                    List.of("min", "defaultRequest"),
                    List.of("defaultRequest", "max"),
                    List.of("defaultRequest", "default"),
                    List.of("default", "max"));

    private LimitRanges() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "",
                                        "v1",
                                        "LimitRange",
                                        "limitranges",
                                        "io.k8s.api.core.v1.LimitRange")
                                .withShortNames("limits"))
                .printedBy(Columns.named().createdAt())
                .defaults(LimitRanges::defaults)
                .rules(object -> {
                    Set<String> types = new HashSet<>();
                    object.each("spec.limits", item -> item(item, types));
                })
                .build();
    }

    /** The limit defaults to the greatest one, the request to the limit, then to the least one. */
    private static void defaults(ApiObject object) {
        for (ObjectNode item : Json.objects(object.at("spec.limits"))) {
            if (!Json.text(item, "type").equals("Container")) {
                continue;
            }
            ObjectNode limits = Json.object(item, "default");
            ObjectNode requests = Json.object(item, "defaultRequest");
            fill(limits, item, "max");
            fill(requests, item, "default");
            fill(requests, item, "min");
            for (String member : List.of("default", "defaultRequest")) {
                if (item.path(member).isEmpty()) {
                    item.remove(member);
                }
            }
        }
    }

    private static void fill(ObjectNode target, ObjectNode item, String from) {
        item.path(from)
                .properties()
                .forEach(entry -> {
                    if (!target.has(entry.getKey())) {
                        target.set(entry.getKey(), entry.getValue());
                    }
                });
    }

    private static void item(Check item, Set<String> types) {
        item.required("type").unique("type", types);
        Set<String> resources = new TreeSet<>();
        for (String member :
                List.of("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")) {
            item.quantities(member);
            resources.addAll(item.node().path(member).propertyNames());
        }
        if (item.text("type").equals("Pod")) {
            for (String member : List.of("default", "defaultRequest")) {
                if (item.has(member)) {
                    item.forbidden(member, "may not be specified when `type` is 'Pod'");
                }
            }
        }
        if (item.text("type").equals("PersistentVolumeClaim")
                && !item.node().path("min").has("storage")
                && !item.node().path("max").has("storage")) {
            item.add(
                    FieldError.required(
                            item.path(),
                            "either minimum or maximum storage value is required, but neither was"
                                    + " provided"));
        }
        for (String resource : resources) {
            ORDER.forEach(pair -> ordered(item, resource, pair.get(0), pair.get(1)));
        }
    }

    private static void ordered(Check item, String resource, String low, String high) {
        Optional<BigDecimal> least = value(item, low, resource);
        Optional<BigDecimal> most = value(item, high, resource);
        if (least.isPresent() && most.isPresent() && least.get().compareTo(most.get()) > 0) {
            String first = item.node().path(low).path(resource).asString("");
            String second = item.node().path(high).path(resource).asString("");
            item.add(
                    FieldError.invalid(
                            item.path(low) + "[" + resource + "]",
                            first,
                            name(low)
                                    + " value "
                                    + first
                                    + " is greater than "
                                    + name(high)
                                    + " value "
                                    + second));
        }
    }

    private static Optional<BigDecimal> value(Check item, String member, String resource) {
        return Quantities.parse(item.node().path(member).path(resource).asString(""));
    }

    private static String name(String member) {
        return member.equals("defaultRequest") ? "default request" : member;
    }
}
