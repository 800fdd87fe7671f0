package dev.coracle.apiserver.registry.core.node;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Nodes. */
public final class NodeStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.clusterScoped("", "v1", "Node", "nodes", "io.k8s.api.core.v1.Node")
                    .withShortNames("no")
                    .with(Subresource.STATUS, Subresource.PROXY);

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new NodePrinter();
    }

    @Override
    public Map<String, String> selectableFields(ApiObject object) {
        return Map.of(
                "spec.unschedulable",
                Boolean.toString(object.at("spec.unschedulable").asBoolean(false)));
    }

    /** A node reports its first status when it registers itself. */
    @Override
    public void prepareForCreate(ApiObject object) {}

    @Override
    public List<FieldError> validate(ApiObject node) {
        Set<String> taken = new HashSet<>();
        return Check.object(
                node,
                whole -> {
                    whole.each("spec.taints", taint -> taint(taint, taken));
                    whole.each(
                            "spec.podCIDRs",
                            cidr -> {
                                @Nullable String wrong =
                                        Addresses.network(cidr.node().asString(""));
                                if (wrong != null) {
                                    cidr.invalid(wrong);
                                }
                            });
                });
    }

    private static void taint(Check taint, Set<String> taken) {
        taint.required("key")
                .shaped("key", Names::qualifiedName)
                .shaped("value", Names::labelValue)
                .required("effect")
                .supported("effect", "NoExecute", "NoSchedule", "PreferNoSchedule");
        if (!taken.add(taint.text("key") + ":" + taint.text("effect"))) {
            taint.add(FieldError.duplicate(taint.path(), taint.node()));
        }
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return old.text("spec.podCIDR").isEmpty()
                ? List.of()
                : Metadata.immutable(updated, old, "spec.podCIDR");
    }
}
