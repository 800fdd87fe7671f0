package dev.coracle.apiserver.registry.core.limits;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.table.Columns;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** ResourceQuotas. */
public final class ResourceQuotas {

    private static final String[] SCOPES = {
        "BestEffort",
        "CrossNamespacePodAffinity",
        "NotBestEffort",
        "NotTerminating",
        "PriorityClass",
        "Terminating"
    };

    private ResourceQuotas() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "",
                                        "v1",
                                        "ResourceQuota",
                                        "resourcequotas",
                                        "io.k8s.api.core.v1.ResourceQuota")
                                .withShortNames("quota")
                                .with(Subresource.STATUS))
                .printedBy(
                        Columns.named()
                                .text("Request", object -> used(object, false))
                                .text("Limit", object -> used(object, true))
                                .age())
                .statusRules(status -> status.quantities("hard").quantities("used"))
                .rules(object -> rules(object.in("spec")))
                .updateRule((updated, old) ->
                        Metadata.immutable(updated, old, "spec.scopes").stream()
                                .filter(_ ->
                                        updated.at("spec.scopes").size() > 0
                                                || old.at("spec.scopes").size() > 0)
                                .toList())
                .answersDeleteWithObject()
                .build();
    }

    private static void rules(Check spec) {
        spec.quantities("hard").eachSupported("scopes", SCOPES);
        List<String> scopes = Json.texts(spec.node().path("scopes"));
        if (scopes.containsAll(List.of("BestEffort", "NotBestEffort"))
                || scopes.containsAll(List.of("Terminating", "NotTerminating"))) {
            spec.invalid("scopes", "conflicting scopes");
        }
        spec.each(
                "scopeSelector.matchExpressions",
                term -> {
                    term.required("scopeName").supported("scopeName", SCOPES);
                    String operator = term.text("operator");
                    if (!List.of("In", "NotIn", "Exists", "DoesNotExist").contains(operator)) {
                        term.invalid("operator", "not a valid selector operator");
                    } else if (operator.endsWith("In")) {
                        term.required(
                                "values",
                                "must be at least one value when `operator` is 'In' or 'NotIn' for"
                                        + " scope selector");
                    } else if (term.has("values")) {
                        term.invalid(
                                "values",
                                "must be no value when `operator` is 'Exists' or 'DoesNotExist' for"
                                        + " scope selector");
                    }
                });
    }

    /** {@code cpu: 1/2, pods: 3/10}: what is used of what there is. */
    private static String used(ApiObject object, boolean limits) {
        return new TreeMap<>(Json.textMap(object.at("status.hard")))
                .entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("limits.") == limits)
                        .map(entry ->
                                entry.getKey()
                                        + ": "
                                        + Columns.orElse(
                                                object.at("status.used")
                                                        .path(entry.getKey())
                                                        .asString(""),
                                                "0")
                                        + "/"
                                        + entry.getValue())
                        .collect(Collectors.joining(", "));
    }
}
