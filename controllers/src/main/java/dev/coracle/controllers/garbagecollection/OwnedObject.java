package dev.coracle.controllers.garbagecollection;

import dev.coracle.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Set;

/** What garbage collection needs to know of an object. */
record OwnedObject(
        String apiVersion,
        String kind,
        String namespace,
        String name,
        String uid,
        List<OwnerReference> owners,
        Set<String> finalizers,
        boolean terminating) {

    static final String FOREGROUND = "foregroundDeletion";
    static final String ORPHAN = "orphan";

    OwnedObject {
        owners = List.copyOf(owners);
        finalizers = Set.copyOf(finalizers);
    }

    static OwnedObject of(String apiVersion, String kind, HasMetadata object) {
        var metadata = object.getMetadata();
        return new OwnedObject(
                apiVersion,
                kind,
                metadata.getNamespace() == null ? "" : metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                Owners.of(object),
                metadata.getFinalizers() == null ? Set.of() : Set.copyOf(metadata.getFinalizers()),
                metadata.getDeletionTimestamp() != null);
    }

    /** What an event about it needs. */
    HasMetadata reference() {
        ObjectMeta metadata = new ObjectMeta();
        metadata.setName(name);
        metadata.setUid(uid);
        if (!namespace.isEmpty()) {
            metadata.setNamespace(namespace);
        }
        GenericKubernetesResource reference = new GenericKubernetesResource();
        reference.setApiVersion(apiVersion);
        reference.setKind(kind);
        reference.setMetadata(metadata);
        return reference;
    }

    /** Goes only after the dependents that block it. */
    boolean waitsForDependents() {
        return terminating && finalizers.contains(FOREGROUND);
    }

    /** Goes only after its dependents have been let go. */
    boolean orphansDependents() {
        return terminating && finalizers.contains(ORPHAN);
    }

    boolean blocks(String ownerUid) {
        return owners.stream()
                .anyMatch(o ->
                        o.getUid().equals(ownerUid)
                                && Boolean.TRUE.equals(o.getBlockOwnerDeletion()));
    }
}
