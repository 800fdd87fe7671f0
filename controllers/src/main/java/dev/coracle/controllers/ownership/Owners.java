package dev.coracle.controllers.ownership;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Optional;

/** Reads and makes owner references. */
public final class Owners {

    private Owners() {}

    public static List<OwnerReference> of(HasMetadata object) {
        List<OwnerReference> references = object.getMetadata().getOwnerReferences();
        return references == null ? List.of() : references;
    }

    /** The one reference with {@code controller: true}, if any. */
    public static Optional<OwnerReference> findController(HasMetadata object) {
        return of(object).stream()
                .filter(reference -> Boolean.TRUE.equals(reference.getController()))
                .findFirst();
    }

    public static boolean isControlledBy(HasMetadata object, HasMetadata owner) {
        return findController(object)
                .filter(reference -> reference.getUid().equals(owner.getMetadata().getUid()))
                .isPresent();
    }

    /** A reference that makes {@code owner} the controller and blocks its foreground deletion. */
    public static OwnerReference controllerReference(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
