package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.UserIds;
import dev.coracle.nodeagent.volume.PodVolumes;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What this node does not do. Pure. */
final class Unsupported {

    private Unsupported() {}

    /**
     * The first field of the pod that is refused, as a sentence; empty if it can run.
     *
     * @param plain whether pods are plain processes, without namespaces
     */
    static Optional<String> refusal(Pod pod, boolean plain) {
        return what(pod)
                .or(() -> plain ? whatOfProcesses(pod.getSpec()) : Optional.empty())
                .map(what -> "this node does not support " + what);
    }

    private static Optional<String> whatOfProcesses(PodSpec spec) {
        for (Volume volume : spec.getVolumes()) {
            if (volume.getEmptyDir() != null && "Memory".equals(volume.getEmptyDir().getMedium())) {
                return Optional.of(
                        "medium Memory of volume '" + volume.getName() + "' in fabric loopback");
            }
        }
        PodSecurityContext security = spec.getSecurityContext();
        if (security == null) {
            return Optional.empty();
        }
        if (!SecurityRules.groups(security).isEmpty()) {
            return Optional.of("fsGroup or supplementalGroups in fabric loopback");
        }
        return security.getSysctls().isEmpty()
                ? Optional.empty()
                : Optional.of("sysctls in fabric loopback");
    }

    private static Optional<String> what(Pod pod) {
        PodSpec spec = pod.getSpec();
        if (Boolean.FALSE.equals(spec.getHostUsers())) {
            return Optional.of("hostUsers: false");
        }
        if (spec.getResourceClaims() != null && !spec.getResourceClaims().isEmpty()) {
            return Optional.of("resourceClaims");
        }
        if (spec.getSecurityContext() != null) {
            Optional<String> groups =
                    UserIds.here().refusal("", SecurityRules.groups(spec.getSecurityContext()));
            if (groups.isPresent()) {
                return groups;
            }
            Optional<String> refused =
                    profile(
                            spec.getSecurityContext().getSeccompProfile(),
                            spec.getSecurityContext().getAppArmorProfile());
            if (refused.isPresent()) {
                return refused;
            }
        }
        Optional<String> volume = PodVolumes.unsupported(pod);
        if (volume.isPresent()) {
            return volume;
        }
        for (Container container : containers(spec)) {
            Optional<String> refused = what(container);
            if (refused.isPresent()) {
                return refused.map(r -> r + " of container '" + container.getName() + "'");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> what(Container container) {
        if (!container.getVolumeDevices().isEmpty()) {
            return Optional.of("the volumeDevices");
        }
        SecurityContext security = container.getSecurityContext();
        return security == null
                ? Optional.empty()
                : profile(security.getSeccompProfile(), security.getAppArmorProfile());
    }

    private static Optional<String> profile(
            @Nullable SeccompProfile seccomp, @Nullable AppArmorProfile appArmor) {
        if (seccomp != null && "Localhost".equals(seccomp.getType())) {
            return Optional.of("a seccompProfile of type Localhost");
        }
        return appArmor != null && "Localhost".equals(appArmor.getType())
                ? Optional.of("an appArmorProfile of type Localhost")
                : Optional.empty();
    }

    private static List<Container> containers(PodSpec spec) {
        return Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
                .toList();
    }
}
