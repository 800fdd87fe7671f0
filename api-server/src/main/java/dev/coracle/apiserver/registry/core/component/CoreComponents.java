package dev.coracle.apiserver.registry.core.component;

import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.table.Columns;

/** ComponentStatuses, of which there are none, and Bindings, which are never kept. */
public final class CoreComponents {

    private CoreComponents() {}

    /** Always an empty list: nobody watches over the health of components here. */
    public static ResourceStrategy componentStatus() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        "",
                                        "v1",
                                        "ComponentStatus",
                                        "componentstatuses",
                                        "io.k8s.api.core.v1.ComponentStatus")
                                .withShortNames("cs")
                                .onlyWith("get", "list"))
                .printedBy(
                        Columns.named()
                                .text("Status", _ -> "Unknown")
                                .text("Message", _ -> "")
                                .text("Error", _ -> ""))
                .deprecated("v1 ComponentStatus is deprecated in v1.19+")
                .build();
    }

    /** {@code POST} gives a pod its node, as {@code pods/binding} does. */
    public static ResourceStrategy binding() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "",
                                        "v1",
                                        "Binding",
                                        "bindings",
                                        "io.k8s.api.core.v1.Binding")
                                .onlyWith("create"))
                .build();
    }
}
