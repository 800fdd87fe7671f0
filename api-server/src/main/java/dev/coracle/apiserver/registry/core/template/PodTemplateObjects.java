package dev.coracle.apiserver.registry.core.template;

import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.core.pod.TemplateColumns;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.table.Columns;

/** The kind PodTemplate: a template as an object of its own. */
public final class PodTemplateObjects {

    private PodTemplateObjects() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                "",
                                "v1",
                                "PodTemplate",
                                "podtemplates",
                                "io.k8s.api.core.v1.PodTemplate"))
                .printedBy(
                        Columns.named()
                                .text(
                                        "Containers",
                                        object -> TemplateColumns.containers(object, "template"))
                                .text(
                                        "Images",
                                        object -> TemplateColumns.images(object, "template"))
                                .text(
                                        "Pod Labels",
                                        object ->
                                                Selectors.printLabels(
                                                        object.at("template.metadata.labels"))))
                .defaults(object -> PodTemplates.applyDefaults(object.at("template")))
                .withGeneration(
                        (updated, old) -> !updated.at("template").equals(old.at("template")))
                .rules(object -> PodTemplates.check(object.in("template")))
                .answersDeleteWithObject()
                .build();
    }
}
