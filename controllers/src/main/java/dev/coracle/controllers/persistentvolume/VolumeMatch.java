package dev.coracle.controllers.persistentvolume;

import dev.coracle.controllers.ownership.Selectors;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Which volume a claim gets. Pure. */
final class VolumeMatch {

    private VolumeMatch() {}

    /** One that is reserved for the claim, else the smallest that suits it. */
    static Optional<PersistentVolume> find(
            PersistentVolumeClaim claim, List<PersistentVolume> volumes) {
        Optional<PersistentVolume> reserved =
                volumes.stream().filter(v -> isReservedFor(v, claim)).findFirst();
        return reserved.isPresent()
                ? reserved
                : volumes.stream()
                        .filter(v -> v.getSpec().getClaimRef() == null)
                        .filter(v -> suits(v, claim))
                        .min(
                                Comparator.comparing(VolumeMatch::size)
                                        .thenComparing(v -> v.getMetadata().getName()));
    }

    /** Whether the volume's claimRef names the claim, this one and not an earlier of that name. */
    static boolean isReservedFor(PersistentVolume volume, PersistentVolumeClaim claim) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        return reference != null
                && Objects.equals(reference.getName(), claim.getMetadata().getName())
                && Objects.equals(reference.getNamespace(), claim.getMetadata().getNamespace())
                && (reference.getUid() == null
                        || reference.getUid().isEmpty()
                        || reference.getUid().equals(claim.getMetadata().getUid()));
    }

    private static boolean suits(PersistentVolume volume, PersistentVolumeClaim claim) {
        return volume.getMetadata().getDeletionTimestamp() == null
                && objection(volume, claim).isEmpty()
                && (claim.getSpec().getSelector() == null
                        || Selectors.selects(
                                claim.getSpec().getSelector(),
                                Objects.requireNonNullElse(
                                        volume.getMetadata().getLabels(), Map.of())));
    }

    /** Why a volume is none for a claim that asks for it by name; empty if it is one. */
    static Optional<String> objection(PersistentVolume volume, PersistentVolumeClaim claim) {
        var has = volume.getSpec();
        var wants = claim.getSpec();
        if (size(volume).compareTo(request(claim)) < 0) {
            return Optional.of("requested PV is too small");
        }
        if (!text(has.getStorageClassName()).equals(text(wants.getStorageClassName()))) {
            return Optional.of("storageClassName does not match");
        }
        if (!mode(has.getVolumeMode()).equals(mode(wants.getVolumeMode()))) {
            return Optional.of("incompatible volumeMode");
        }
        return has.getAccessModes().containsAll(wants.getAccessModes())
                ? Optional.empty()
                : Optional.of("incompatible accessMode");
    }

    static Quantity requested(PersistentVolumeClaim claim) {
        var resources = claim.getSpec().getResources();
        Map<String, Quantity> requests = resources == null ? null : resources.getRequests();
        Quantity storage = requests == null ? null : requests.get("storage");
        return Objects.requireNonNullElseGet(storage, () -> new Quantity("0"));
    }

    private static BigDecimal request(PersistentVolumeClaim claim) {
        return Quantity.getAmountInBytes(requested(claim));
    }

    private static BigDecimal size(PersistentVolume volume) {
        Quantity storage = volume.getSpec().getCapacity().get("storage");
        return storage == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(storage);
    }

    private static String text(@org.jspecify.annotations.Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    private static String mode(@org.jspecify.annotations.Nullable String mode) {
        return Objects.requireNonNullElse(mode, "Filesystem");
    }
}
