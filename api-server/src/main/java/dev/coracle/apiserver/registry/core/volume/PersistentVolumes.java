package dev.coracle.apiserver.registry.core.volume;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** PersistentVolumes. */
public final class PersistentVolumes {

    /** The members of a spec that are no volume source. */
    private static final Set<String> NO_SOURCE =
            Set.of(
                    "accessModes",
                    "capacity",
                    "claimRef",
                    "mountOptions",
                    "nodeAffinity",
                    "persistentVolumeReclaimPolicy",
                    "storageClassName",
                    "volumeAttributesClassName",
                    "volumeMode");

    private PersistentVolumes() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        "",
                                        "v1",
                                        "PersistentVolume",
                                        "persistentvolumes",
                                        "io.k8s.api.core.v1.PersistentVolume")
                                .withShortNames("pv")
                                .with(Subresource.STATUS))
                .printedBy(columns())
                .defaults(object -> {
                    Json.setDefault(object.spec(), "persistentVolumeReclaimPolicy", "Retain");
                    Json.setDefault(object.spec(), "volumeMode", "Filesystem");
                    if (object.at("spec.hostPath") instanceof ObjectNode path
                            && !path.has("type")) {
                        path.put("type", "");
                    }
                })
                .onCreate(object -> object.status().put("phase", "Pending"))
                .rules(object -> rules(object.in("spec")))
                .updateRule(PersistentVolumes::onUpdate)
                .answersDeleteWithObject()
                .build();
    }

    private static Columns columns() {
        return Columns.named()
                .text("Capacity", object -> object.text("spec.capacity.storage"))
                .text("Access Modes", object -> AccessModes.print(object.at("spec.accessModes")))
                .text("Reclaim Policy", object -> object.text("spec.persistentVolumeReclaimPolicy"))
                .text(
                        "Status",
                        object ->
                                object.isBeingDeleted()
                                        ? "Terminating"
                                        : object.text("status.phase"))
                .text("Claim", PersistentVolumes::claim)
                .text("StorageClass", object -> object.text("spec.storageClassName"))
                .text(
                        "VolumeAttributesClass",
                        object ->
                                Columns.orElse(
                                        object.text("spec.volumeAttributesClassName"), "<unset>"))
                .text("Reason", object -> object.text("status.reason"))
                .age()
                .text(
                        "VolumeMode",
                        object -> Columns.orElse(object.text("spec.volumeMode"), "<unset>"))
                .wide();
    }

    private static String claim(ApiObject object) {
        return object.at("spec.claimRef").isObject()
                ? object.text("spec.claimRef.namespace") + "/" + object.text("spec.claimRef.name")
                : "";
    }

    private static void rules(Check spec) {
        spec.required("accessModes").required("capacity");
        AccessModes.check(spec);
        if (spec.has("capacity")
                && (spec.node().path("capacity").size() != 1
                        || !spec.node().path("capacity").has("storage"))) {
            spec.add(
                    FieldError.notSupported(
                            spec.path("capacity"),
                            String.join(",", spec.node().path("capacity").propertyNames()),
                            List.of("storage")));
        }
        spec.quantity("capacity.storage", BigDecimal.ZERO)
                .supported("persistentVolumeReclaimPolicy", "Delete", "Recycle", "Retain")
                .supported("volumeMode", "Block", "Filesystem")
                .shaped("storageClassName", Names::subdomain);
        List<String> sources = new ArrayList<>(spec.node().propertyNames());
        sources.removeAll(NO_SOURCE);
        if (sources.isEmpty()) {
            spec.add(FieldError.required(spec.path(), "must specify a volume type"));
        }
        for (String more : sources.stream().skip(1).toList()) {
            spec.forbidden(more, "may not specify more than 1 volume type");
        }
        spec.ifPresent("hostPath", path -> path.required("path"));
        spec.ifPresent("nfs", nfs -> nfs.required("server").required("path"));
        spec.ifPresent("csi", csi -> csi.required("driver").required("volumeHandle"));
        spec.ifPresent(
                "local",
                local -> {
                    local.required("path");
                    spec.required("nodeAffinity", "Local volume requires node affinity");
                });
    }

    private static List<FieldError> onUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors = new ArrayList<>();
        if (!source(updated).equals(source(old))) {
            errors.add(
                    FieldError.forbidden(
                            "spec.persistentvolumesource",
                            "spec.persistentvolumesource is immutable after creation"));
        }
        errors.addAll(Metadata.immutable(updated, old, "spec.volumeMode"));
        return errors;
    }

    private static ObjectNode source(ApiObject object) {
        ObjectNode source = object.spec().deepCopy();
        source.remove(NO_SOURCE);
        return source;
    }
}
