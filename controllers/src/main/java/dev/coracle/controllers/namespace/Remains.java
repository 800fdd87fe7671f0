package dev.coracle.controllers.namespace;

import dev.coracle.controllers.apiresource.ApiResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.NamespaceConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is left of a namespace that ends, and why. Confined to one thread. */
final class Remains {

    private static final String DISCOVERY = "NamespaceDeletionDiscoveryFailure";
    private static final String PARSING = "NamespaceDeletionGroupVersionParsingFailure";
    private static final String CONTENT = "NamespaceDeletionContentFailure";
    private static final String REMAINING = "NamespaceContentRemaining";
    private static final String FINALIZERS = "NamespaceFinalizersRemaining";
    private static final List<String> OWN =
            List.of(DISCOVERY, PARSING, CONTENT, REMAINING, FINALIZERS);

    private final Map<String, Integer> objects = new TreeMap<>();
    private final Map<String, Integer> finalizers = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private @Nullable String undiscovered;

    boolean isNothing() {
        return objects.isEmpty() && failures.isEmpty() && undiscovered == null;
    }

    /** Objects that have been deleted and are still there. */
    void add(ApiResource resource, List<ObjectMeta> left) {
        if (left.isEmpty()) {
            return;
        }
        objects.put(resource.plural() + "." + resource.group(), left.size());
        for (ObjectMeta object : left) {
            object.getFinalizers().forEach(f -> finalizers.merge(f, 1, Integer::sum));
        }
    }

    void failed(ApiResource resource, Exception failure) {
        failures.add(resource.plural() + ": " + failure.getMessage());
    }

    void discoveryFailed(Exception failure) {
        undiscovered = failure.getMessage();
    }

    /** The namespace's conditions with these; a condition that stays keeps its time. */
    List<NamespaceCondition> conditions(Namespace namespace, Instant now) {
        List<NamespaceCondition> known =
                namespace.getStatus() == null ? List.of() : namespace.getStatus().getConditions();
        List<NamespaceCondition> all =
                new ArrayList<>(known.stream().filter(c -> !OWN.contains(c.getType())).toList());
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        for (NamespaceCondition wanted : wanted(time)) {
            Optional<NamespaceCondition> before =
                    known.stream().filter(c -> c.getType().equals(wanted.getType())).findFirst();
            if (before.filter(c -> c.getStatus().equals(wanted.getStatus())).isPresent()) {
                wanted.setLastTransitionTime(before.get().getLastTransitionTime());
            }
            all.add(wanted);
        }
        return all;
    }

    private List<NamespaceCondition> wanted(String time) {
        String failed =
                "Failed to delete all resource types, %d remaining: %s"
                        .formatted(failures.size(), String.join(", ", failures));
        return List.of(
                undiscovered == null
                        ? condition(
                                time,
                                DISCOVERY,
                                false,
                                "ResourcesDiscovered",
                                "All resources successfully discovered")
                        : condition(time, DISCOVERY, true, "DiscoveryFailed", undiscovered),
                condition(
                        time,
                        PARSING,
                        false,
                        "ParsedGroupVersions",
                        "All legacy kube types successfully parsed"),
                failures.isEmpty()
                        ? condition(
                                time,
                                CONTENT,
                                false,
                                "ContentDeleted",
                                "All content successfully deleted, may be waiting on finalization")
                        : condition(time, CONTENT, true, "ContentDeletionFailed", failed),
                objects.isEmpty()
                        ? condition(
                                time,
                                REMAINING,
                                false,
                                "ContentRemoved",
                                "All content successfully removed")
                        : condition(
                                time,
                                REMAINING,
                                true,
                                "SomeResourcesRemain",
                                "Some resources are remaining: "
                                        + counted(objects, "%s has %d resource instances")),
                finalizers.isEmpty()
                        ? condition(
                                time,
                                FINALIZERS,
                                false,
                                "ContentHasNoFinalizers",
                                "All content-preserving finalizers finished")
                        : condition(
                                time,
                                FINALIZERS,
                                true,
                                "SomeFinalizersRemain",
                                "Some content in the namespace has finalizers remaining: "
                                        + counted(finalizers, "%s in %d resource instances")));
    }

    private static String counted(Map<String, Integer> counts, String format) {
        return String.join(
                ", ",
                counts.entrySet().stream()
                        .map(each -> format.formatted(each.getKey(), each.getValue()))
                        .toList());
    }

    private static NamespaceCondition condition(
            String time, String type, boolean holds, String reason, String message) {
        return new NamespaceConditionBuilder()
                .withType(type)
                .withStatus(holds ? "True" : "False")
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(time)
                .build();
    }
}
