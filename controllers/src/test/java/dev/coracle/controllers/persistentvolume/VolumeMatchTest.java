package dev.coracle.controllers.persistentvolume;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class VolumeMatchTest {

    private static final PersistentVolumeClaim CLAIM =
            new PersistentVolumeClaimBuilder()
                    .withNewMetadata()
                    .withNamespace("shop")
                    .withName("data")
                    .withUid("u1")
                    .endMetadata()
                    .withNewSpec()
                    .withAccessModes("ReadWriteOnce")
                    .withStorageClassName("slow")
                    .withNewResources()
                    .addToRequests("storage", new Quantity("5Gi"))
                    .endResources()
                    .endSpec()
                    .build();

    @Test
    void takesTheSmallestThatIsLargeEnough() {
        assertThat(find(volume("large", "10Gi"), volume("fits", "6Gi"), volume("small", "4Gi")))
                .isEqualTo("fits");
    }

    @Test
    void takesNoneOfAnotherClassOrWithoutTheAccessMode() {
        PersistentVolume other =
                new PersistentVolumeBuilder(volume("a", "5Gi"))
                        .editSpec()
                        .withStorageClassName("fast")
                        .endSpec()
                        .build();
        PersistentVolume readOnly =
                new PersistentVolumeBuilder(volume("b", "5Gi"))
                        .editSpec()
                        .withAccessModes("ReadOnlyMany")
                        .endSpec()
                        .build();
        assertThat(VolumeMatch.find(CLAIM, List.of(other, readOnly))).isEmpty();
    }

    @Test
    void takesWhatIsReservedForItAndLeavesWhatIsReservedForOthers() {
        assertThat(find(volume("any", "5Gi"), reserved("own", "data", ""))).isEqualTo("own");
        assertThat(VolumeMatch.find(CLAIM, List.of(reserved("a", "other", "")))).isEmpty();
        assertThat(VolumeMatch.find(CLAIM, List.of(reserved("a", "data", "earlier")))).isEmpty();
    }

    @Test
    void saysWhyAVolumeThatIsAskedForIsNone() {
        assertThat(VolumeMatch.objection(volume("a", "5Gi"), CLAIM)).isEmpty();
        assertThat(VolumeMatch.objection(volume("a", "4Gi"), CLAIM))
                .contains("requested PV is too small");
        assertThat(VolumeMatch.objection(with(s -> s.withStorageClassName("fast")), CLAIM))
                .contains("storageClassName does not match");
        assertThat(VolumeMatch.objection(with(s -> s.withVolumeMode("Block")), CLAIM))
                .contains("incompatible volumeMode");
        assertThat(VolumeMatch.objection(with(s -> s.withAccessModes("ReadOnlyMany")), CLAIM))
                .contains("incompatible accessMode");
    }

    private static PersistentVolume with(UnaryOperator<PersistentVolumeSpecBuilder> change) {
        PersistentVolume volume = volume("a", "5Gi");
        volume.setSpec(change.apply(new PersistentVolumeSpecBuilder(volume.getSpec())).build());
        return volume;
    }

    private static String find(PersistentVolume... volumes) {
        return VolumeMatch.find(CLAIM, List.of(volumes)).orElseThrow().getMetadata().getName();
    }

    private static PersistentVolume reserved(String name, String claim, String uid) {
        return new PersistentVolumeBuilder(volume(name, "9Gi"))
                .editSpec()
                .withNewClaimRef()
                .withNamespace("shop")
                .withName(claim)
                .withUid(uid)
                .endClaimRef()
                .endSpec()
                .build();
    }

    private static PersistentVolume volume(String name, String size) {
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce", "ReadWriteMany")
                .withStorageClassName("slow")
                .addToCapacity("storage", new Quantity(size))
                .endSpec()
                .build();
    }
}
