package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What a pod's spec asks for, with its defaults. Pure. */
final class PodRules {

    private PodRules() {}

    static String restartPolicy(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getRestartPolicy(), "Always");
    }

    static boolean allSucceeded(Collection<ContainerLife> lives) {
        return lives.stream()
                .filter(life -> life.counts() && life.kind != ContainerLife.Kind.SIDECAR)
                .allMatch(ContainerLife::endedWell);
    }

    /** From SIGTERM to SIGKILL. */
    static Duration gracePeriod(Pod pod) {
        Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
        if (grace == null) {
            grace = pod.getSpec().getTerminationGracePeriodSeconds();
        }
        return Duration.ofSeconds(Objects.requireNonNullElse(grace, 30L));
    }

    /** How messages name a pod. */
    static String fullName(Pod pod) {
        return "%s_%s(%s)"
                .formatted(
                        pod.getMetadata().getName(),
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getUid());
    }

    /** Whether what a pod can be told of itself is the same in both. */
    static boolean describesItselfAlike(Pod one, Pod other) {
        return Objects.equals(one.getMetadata().getLabels(), other.getMetadata().getLabels())
                && Objects.equals(
                        one.getMetadata().getAnnotations(), other.getMetadata().getAnnotations());
    }

    /** Init containers first. */
    static List<Container> containers(Pod pod) {
        return Stream.concat(
                        pod.getSpec().getInitContainers().stream(),
                        pod.getSpec().getContainers().stream())
                .toList();
    }
}
