package dev.coracle.apiserver.registry.node;

import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.table.Columns;

/** RuntimeClasses. */
public final class RuntimeClasses {

    private RuntimeClasses() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                "node.k8s.io",
                                "v1",
                                "RuntimeClass",
                                "runtimeclasses",
                                "io.k8s.api.node.v1.RuntimeClass"))
                .printedBy(Columns.named().text("Handler", object -> object.text("handler")).age())
                .rules(object ->
                        object.required("handler")
                                .shaped("handler", Names::label)
                                .labels("scheduling.nodeSelector"))
                .immutable("handler")
                .build();
    }
}
