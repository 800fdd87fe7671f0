package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.probe.ProbeChecks;
import dev.coracle.nodeagent.volume.PodVolumes;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What this node does not do. Pure. */
final class Unsupported {

    private Unsupported() {}

    /** The first field of the pod that is refused, as a sentence; empty if it can run. */
    static Optional<String> refusal(Pod pod) {
        return what(pod).map(what -> "this node does not support " + what);
    }

    /** Fields that are accepted and have no effect here. */
    static List<String> notEnforced(Pod pod) {
        List<String> fields = new ArrayList<>();
        for (Container container : containers(pod.getSpec())) {
            String path = "containers[" + container.getName() + "].";
            if (container.getResources() != null
                    && container.getResources().getLimits() != null
                    && !container.getResources().getLimits().isEmpty()) {
                fields.add(path + "resources.limits");
            }
            SecurityContext security = container.getSecurityContext();
            if (security != null) {
                if (security.getCapabilities() != null) {
                    fields.add(path + "securityContext.capabilities");
                }
                if (Boolean.TRUE.equals(security.getReadOnlyRootFilesystem())) {
                    fields.add(path + "securityContext.readOnlyRootFilesystem");
                }
                if (Boolean.TRUE.equals(security.getRunAsNonRoot())) {
                    fields.add(path + "securityContext.runAsNonRoot");
                }
            }
        }
        return fields;
    }

    private static Optional<String> what(Pod pod) {
        PodSpec spec = pod.getSpec();
        if (Boolean.TRUE.equals(spec.getHostPID())) {
            return Optional.of("hostPID");
        }
        if (Boolean.TRUE.equals(spec.getHostIPC())) {
            return Optional.of("hostIPC");
        }
        if (Boolean.TRUE.equals(spec.getShareProcessNamespace())) {
            return Optional.of("shareProcessNamespace");
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
        return spec.getInitContainers().stream()
                .filter(c -> c.getRestartPolicy() != null)
                .findFirst()
                .map(c -> "the restartPolicy of init container '" + c.getName() + "'");
    }

    private static Optional<String> what(Container container) {
        if (PreStop.isUnsupported(container)) {
            return Optional.of("the lifecycle hooks (but preStop by sleep or exec)");
        }
        if (container.getStartupProbe() != null) {
            return Optional.of("the startupProbe");
        }
        if (!container.getVolumeDevices().isEmpty()) {
            return Optional.of("the volumeDevices");
        }
        for (Probe probe :
                Stream.of(container.getReadinessProbe(), container.getLivenessProbe())
                        .filter(java.util.Objects::nonNull)
                        .toList()) {
            Optional<String> refused = ProbeChecks.unsupported(probe);
            if (refused.isPresent()) {
                return refused;
            }
        }
        return Optional.empty();
    }

    private static List<Container> containers(PodSpec spec) {
        return Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
                .toList();
    }
}
