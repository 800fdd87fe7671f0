package dev.coracle.apiserver.registry.storage;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** StorageClasses. */
public final class StorageClasses {

    static final String GROUP = "storage.k8s.io";

    private static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

    private StorageClasses() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        GROUP,
                                        "v1",
                                        "StorageClass",
                                        "storageclasses",
                                        "io.k8s.api.storage.v1.StorageClass")
                                .withShortNames("sc"))
                .printedBy(
                        Columns.named(StorageClasses::printedName)
                                .text("Provisioner", object -> object.text("provisioner"))
                                .text("ReclaimPolicy", object -> object.text("reclaimPolicy"))
                                .text(
                                        "VolumeBindingMode",
                                        object -> object.text("volumeBindingMode"))
                                .flag(
                                        "AllowVolumeExpansion",
                                        object ->
                                                object.at("allowVolumeExpansion").asBoolean(false))
                                .age())
                .defaults(object -> {
                    Json.setDefault(object.tree(), "reclaimPolicy", "Delete");
                    Json.setDefault(object.tree(), "volumeBindingMode", "Immediate");
                })
                .rules(object ->
                        object.required("provisioner")
                                .shaped(
                                        "provisioner",
                                        name -> Names.qualifiedName(name.toLowerCase(Locale.ROOT)))
                                .supported("reclaimPolicy", "Delete", "Retain")
                                .supported(
                                        "volumeBindingMode", "Immediate", "WaitForFirstConsumer"))
                .updateRule(StorageClasses::onUpdate)
                .answersDeleteWithObject()
                .build();
    }

    private static List<FieldError> onUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors = new ArrayList<>();
        for (String member : List.of("parameters", "provisioner", "reclaimPolicy")) {
            if (!updated.at(member).equals(old.at(member))) {
                errors.add(
                        FieldError.forbidden(member, "updates to " + member + " are forbidden."));
            }
        }
        errors.addAll(Metadata.immutable(updated, old, "volumeBindingMode"));
        return errors;
    }

    private static String printedName(ApiObject object) {
        boolean isDefault = "true".equals(object.annotations().get(DEFAULT_CLASS));
        return isDefault ? object.name() + " (default)" : object.name();
    }
}
