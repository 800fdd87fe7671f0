package dev.coracle.controllers.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.apiresource.ApiResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RemainsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ApiResource PODS =
            new ApiResource("v1", "Pod", "pods", true, Set.of("delete", "list"));
    private static final ApiResource JOBS =
            new ApiResource("batch/v1", "Job", "jobs", true, Set.of("delete", "list"));

    @Test
    void saysThatNothingIsLeft() {
        Remains remains = new Remains();
        assertThat(remains.isNothing()).isTrue();
        assertThat(remains.conditions(namespace(List.of()), NOW))
                .extracting(NamespaceCondition::getReason)
                .containsExactly(
                        "ResourcesDiscovered",
                        "ParsedGroupVersions",
                        "ContentDeleted",
                        "ContentRemoved",
                        "ContentHasNoFinalizers");
    }

    @Test
    void countsObjectsAndFinalizers() {
        Remains remains = new Remains();
        remains.add(PODS, List.of(object("a/b"), object("a/b"), new ObjectMeta()));
        remains.add(JOBS, List.of(object("c/d")));
        assertThat(remains.isNothing()).isFalse();
        assertThat(remains.conditions(namespace(List.of()), NOW))
                .extracting(NamespaceCondition::getMessage)
                .contains(
                        "Some resources are remaining: jobs.batch has 1 resource instances, pods. has"
                                + " 3 resource instances",
                        "Some content in the namespace has finalizers remaining: a/b in 2 resource"
                                + " instances, c/d in 1 resource instances");
    }

    @Test
    void keepsTheTimeOfWhatStaysAndTheConditionsOfOthers() {
        NamespaceCondition theirs = new NamespaceCondition();
        theirs.setType("Theirs");
        Remains remains = new Remains();
        Namespace before = namespace(remains.conditions(namespace(List.of(theirs)), NOW));
        remains.failed(JOBS, new IllegalStateException("no"));
        List<NamespaceCondition> after = remains.conditions(before, NOW.plusSeconds(60));
        assertThat(after).hasSize(6).contains(theirs);
        assertThat(after)
                .filteredOn(condition -> "True".equals(condition.getStatus()))
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.getReason()).isEqualTo("ContentDeletionFailed");
                    assertThat(condition.getMessage())
                            .isEqualTo(
                                    "Failed to delete all resource types, 1 remaining: jobs: no");
                    assertThat(condition.getLastTransitionTime()).isEqualTo("2026-01-01T00:01:00Z");
                });
        assertThat(after)
                .filteredOn(condition -> "False".equals(condition.getStatus()))
                .allSatisfy(condition ->
                        assertThat(condition.getLastTransitionTime()).isEqualTo(NOW.toString()));
    }

    private static ObjectMeta object(String finalizer) {
        return new ObjectMetaBuilder().withFinalizers(finalizer).build();
    }

    private static Namespace namespace(List<NamespaceCondition> conditions) {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName("n")
                .endMetadata()
                .withNewStatus()
                .withConditions(conditions)
                .endStatus()
                .build();
    }
}
