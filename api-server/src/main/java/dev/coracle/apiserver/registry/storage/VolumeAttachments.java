package dev.coracle.apiserver.registry.storage;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.table.Columns;

/** VolumeAttachments. */
public final class VolumeAttachments {

    private VolumeAttachments() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        StorageClasses.GROUP,
                                        "v1",
                                        "VolumeAttachment",
                                        "volumeattachments",
                                        "io.k8s.api.storage.v1.VolumeAttachment")
                                .with(Subresource.STATUS))
                .printedBy(
                        Columns.named()
                                .text("Attacher", object -> object.text("spec.attacher"))
                                .text(
                                        "PV",
                                        object -> object.text("spec.source.persistentVolumeName"))
                                .text("Node", object -> object.text("spec.nodeName"))
                                .flag(
                                        "Attached",
                                        object -> object.at("status.attached").asBoolean(false))
                                .age())
                .onCreate(VolumeAttachments::notAttached)
                .rules(object -> rules(object.in("spec")))
                .immutable("spec")
                .answersDeleteWithObject()
                .build();
    }

    private static void notAttached(ApiObject object) {
        object.status().put("attached", false);
    }

    private static void rules(Check spec) {
        spec.required("attacher").shaped("attacher", Names::csiDriver).required("nodeName");
        Check source = spec.in("source");
        boolean inline = source.has("inlineVolumeSpec");
        boolean named = source.has("persistentVolumeName");
        if (inline && named) {
            source.forbidden(
                    "inlineVolumeSpec",
                    "must specify exactly one of inlineVolumeSpec and" + " persistentVolumeName");
        } else if (!inline && !named) {
            spec.required(
                    "source",
                    "must specify exactly one of inlineVolumeSpec and" + " persistentVolumeName");
        }
        source.shaped("persistentVolumeName", Names::subdomain);
    }
}
