package dev.coracle.nodeagent.volume;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What of a pod's volumes and mounts this node refuses. Pure. */
final class UnsupportedVolumes {

    private UnsupportedVolumes() {}

    static Optional<String> first(Pod pod) {
        for (Volume volume : pod.getSpec().getVolumes()) {
            Optional<String> refused = of(volume);
            if (refused.isPresent()) {
                return refused;
            }
        }
        for (Container container :
                Stream.concat(
                                pod.getSpec().getInitContainers().stream(),
                                pod.getSpec().getContainers().stream())
                        .toList()) {
            for (VolumeMount mount : container.getVolumeMounts()) {
                if ("Bidirectional".equals(mount.getMountPropagation())) {
                    return refusal(mount, container, "mountPropagation Bidirectional");
                }
                if ("Enabled".equals(mount.getRecursiveReadOnly())) {
                    return refusal(mount, container, "recursiveReadOnly Enabled");
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> refusal(VolumeMount mount, Container container, String what) {
        return Optional.of(
                what
                        + " of mount '"
                        + mount.getName()
                        + "' of container '"
                        + container.getName()
                        + "'");
    }

    private static Optional<String> of(Volume volume) {
        if (volume.getEmptyDir() != null
                && String.valueOf(volume.getEmptyDir().getMedium()).startsWith("HugePages")) {
            return Optional.of(
                    "medium "
                            + volume.getEmptyDir().getMedium()
                            + " of volume '"
                            + volume.getName()
                            + "'");
        }
        if (volume.getProjected() != null) {
            for (VolumeProjection source : volume.getProjected().getSources()) {
                if (source.getClusterTrustBundle() != null) {
                    return Optional.of(
                            "the source clusterTrustBundle of volume '" + volume.getName() + "'");
                }
            }
        }
        boolean known =
                volume.getEmptyDir() != null
                        || volume.getHostPath() != null
                        || volume.getPersistentVolumeClaim() != null
                        || volume.getEphemeral() != null
                        || VolumeContent.isMadeOfObjects(volume);
        return known
                ? Optional.empty()
                : Optional.of(
                        "the type of volume '" + volume.getName() + "' (" + type(volume) + ")");
    }

    private static String type(Volume volume) {
        Map<?, ?> fields = fields(volume);
        return fields.keySet().stream()
                .map(String::valueOf)
                .filter(key -> !key.equals("name"))
                .findFirst()
                .orElse("none");
    }

    private static Map<?, ?> fields(Volume volume) {
        return Serialization.unmarshal(Serialization.asJson(volume), Map.class);
    }
}
