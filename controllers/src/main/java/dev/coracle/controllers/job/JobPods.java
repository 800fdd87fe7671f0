package dev.coracle.controllers.job;

import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Makes and reads the pods of Jobs. */
final class JobPods {

    static final String FINALIZER = "batch.kubernetes.io/job-tracking";
    static final String INDEX = "batch.kubernetes.io/job-completion-index";

    private static final String FAILURES = "batch.kubernetes.io/job-index-failure-count";

    private JobPods() {}

    static boolean isIndexed(Job job) {
        return "Indexed".equals(job.getSpec().getCompletionMode());
    }

    static boolean isTracked(Pod pod) {
        return pod.getMetadata().getFinalizers() != null
                && pod.getMetadata().getFinalizers().contains(FINALIZER);
    }

    /** A terminating pod counts as failed too, unless only failed ones are replaced. */
    static boolean isFailed(Job job, Pod pod) {
        return Pods.phase(pod).equals("Failed")
                || (!replacesFailedOnly(job)
                        && Pods.isTerminating(pod)
                        && !Pods.phase(pod).equals("Succeeded"));
    }

    static boolean replacesFailedOnly(Job job) {
        return "Failed".equals(job.getSpec().getPodReplacementPolicy());
    }

    static OptionalInt index(Pod pod) {
        String text = annotation(pod, INDEX);
        return text.matches("\\d{1,9}")
                ? OptionalInt.of(Integer.parseInt(text))
                : OptionalInt.empty();
    }

    /** How often the index had failed before this pod. */
    static int earlierFailures(Pod pod) {
        String text = annotation(pod, FAILURES);
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    private static String annotation(Pod pod, String name) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(name, "");
    }

    /** How often the pod's containers were started again. */
    static int restarts(Pod pod) {
        return statuses(pod)
                .map(ContainerStatus::getRestartCount)
                .filter(Objects::nonNull)
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** When the last container ended; the deletion, or {@code now}, if none tells. */
    static Instant ended(Pod pod, Instant now) {
        Optional<Instant> last =
                statuses(pod)
                        .map(ContainerStatus::getState)
                        .filter(state -> state != null && state.getTerminated() != null)
                        .map(state -> state.getTerminated().getFinishedAt())
                        .filter(Objects::nonNull)
                        .map(Instant::parse)
                        .max(Instant::compareTo);
        String deletion = pod.getMetadata().getDeletionTimestamp();
        return last.orElse(deletion == null ? now : Instant.parse(deletion));
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        if (pod.getStatus() == null) {
            return Stream.empty();
        }
        return Stream.concat(
                stream(pod.getStatus().getInitContainerStatuses()),
                stream(pod.getStatus().getContainerStatuses()));
    }

    private static Stream<ContainerStatus> stream(List<ContainerStatus> statuses) {
        return statuses == null ? Stream.empty() : statuses.stream();
    }

    /** A pod of a Job whose pods are alike. */
    static Pod of(Job job) {
        return template(job)
                .editMetadata()
                .withGenerateName(job.getMetadata().getName() + "-")
                .endMetadata()
                .build();
    }

    /**
     * The pod of a completion index.
     *
     * @param failures how often the index has failed
     */
    static Pod of(Job job, int index, int failures) {
        String name = job.getMetadata().getName() + "-" + index;
        String text = Integer.toString(index);
        PodBuilder pod =
                template(job)
                        .editMetadata()
                        .withGenerateName(name + "-")
                        .addToLabels(INDEX, text)
                        .addToAnnotations(INDEX, text)
                        .endMetadata()
                        .editSpec()
                        .withHostname(name)
                        .endSpec();
        if (job.getSpec().getBackoffLimitPerIndex() != null) {
            pod.editMetadata().addToAnnotations(FAILURES, Integer.toString(failures)).endMetadata();
        }
        Pod made = pod.build();
        Stream.concat(
                        made.getSpec().getContainers().stream(),
                        made.getSpec().getInitContainers().stream())
                .forEach(JobPods::tellIndex);
        return made;
    }

    private static void tellIndex(Container container) {
        List<EnvVar> environment = new ArrayList<>(container.getEnv());
        if (environment.stream().noneMatch(v -> v.getName().equals("JOB_COMPLETION_INDEX"))) {
            environment.add(
                    new EnvVarBuilder()
                            .withName("JOB_COMPLETION_INDEX")
                            .withNewValueFrom()
                            .withNewFieldRef("v1", "metadata.labels['" + INDEX + "']")
                            .endValueFrom()
                            .build());
        }
        container.setEnv(environment);
    }

    private static PodBuilder template(Job job) {
        Pod pod = PodControl.podOf(job, job.getSpec().getTemplate()).build();
        // the template's containers belong to the Job that the informer shares
        return new PodBuilder(io.fabric8.kubernetes.client.utils.Serialization.clone(pod))
                .editMetadata()
                .addToFinalizers(FINALIZER)
                .endMetadata();
    }
}
