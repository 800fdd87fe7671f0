package dev.coracle.apiserver.registry.core.serviceaccount;

import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.table.Columns;
import dev.coracle.apiserver.table.TablePrinter;

/** ServiceAccounts. */
public final class ServiceAccountStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                            "",
                            "v1",
                            "ServiceAccount",
                            "serviceaccounts",
                            "io.k8s.api.core.v1.ServiceAccount")
                    .withShortNames("sa")
                    .with(ResourceDefinition.Subresource.TOKEN);

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return Columns.named().integer("Secrets", object -> object.at("secrets").size()).age();
    }

    @Override
    public boolean answersDeleteWithObject() {
        return true;
    }
}
