package dev.coracle.apiserver.registry.scheduling;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** PriorityClasses. */
public final class PriorityClasses {

    /** The classes that every cluster has, with their values. */
    public static final Map<String, Integer> SYSTEM =
            Map.of("system-node-critical", 2_000_001_000, "system-cluster-critical", 2_000_000_000);

    private static final int HIGHEST_OF_USERS = 1_000_000_000;

    private PriorityClasses() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        "scheduling.k8s.io",
                                        "v1",
                                        "PriorityClass",
                                        "priorityclasses",
                                        "io.k8s.api.scheduling.v1.PriorityClass")
                                .withShortNames("pc"))
                .printedBy(
                        Columns.named()
                                .integer("Value", object -> object.at("value").asLong(0))
                                .flag(
                                        "Global-Default",
                                        object -> object.at("globalDefault").asBoolean(false))
                                .age()
                                .text(
                                        "PreemptionPolicy",
                                        object -> object.text("preemptionPolicy")))
                .defaults(object -> {
                    Json.setDefault(object.tree(), "value", 0);
                    Json.setDefault(object.tree(), "preemptionPolicy", "PreemptLowerPriority");
                })
                .withGeneration((_, _) -> false)
                .rules(PriorityClasses::rules)
                .updateRule(PriorityClasses::onUpdate)
                .build();
    }

    private static void rules(Check object) {
        String name = object.text("metadata.name");
        long value = object.node().path("value").asLong(0);
        if (name.startsWith("system-")) {
            Integer known = SYSTEM.get(name);
            if (known == null || known != value) {
                object.forbidden(
                        "metadata.name",
                        "priority class names with 'system-' prefix are reserved for system use only."
                                + " error: "
                                + (known == null
                                        ? name + " is not a known system priority class"
                                        : "value of " + name + " PriorityClass must be " + known));
            }
        } else if (value > HIGHEST_OF_USERS) {
            object.forbidden(
                    "value",
                    "maximum allowed value of a user defined priority is " + HIGHEST_OF_USERS);
        }
        object.supported("preemptionPolicy", "Never", "PreemptLowerPriority");
    }

    private static List<FieldError> onUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors = new ArrayList<>();
        if (updated.at("value").asLong(0) != old.at("value").asLong(0)) {
            errors.add(FieldError.forbidden("value", "may not be changed in an update."));
        }
        errors.addAll(Metadata.immutable(updated, old, "preemptionPolicy"));
        return errors;
    }
}
