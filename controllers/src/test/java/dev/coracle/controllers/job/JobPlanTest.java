package dev.coracle.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Job and its pods over virtual time: each plan is carried out before the next. */
class JobPlanTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Job job =
            new JobBuilder()
                    .withNewMetadata()
                    .withName("work")
                    .withNamespace("shop")
                    .withUid("job")
                    .endMetadata()
                    .withNewSpec()
                    .withCompletions(3)
                    .withParallelism(2)
                    .withBackoffLimit(6)
                    .withCompletionMode("NonIndexed")
                    .withNewTemplate()
                    .withNewSpec()
                    .withRestartPolicy("Never")
                    .addNewContainer()
                    .withName("main")
                    .endContainer()
                    .endSpec()
                    .endTemplate()
                    .endSpec()
                    .build();
    private final List<Pod> pods = new ArrayList<>();
    private int made;

    @Test
    void runsAsManyAsItMayUntilAllHaveSucceeded() {
        settle();
        assertThat(active()).hasSize(2);
        assertThat(job.getStatus().getActive()).isEqualTo(2);
        end(active().getFirst(), "Succeeded", 0);
        settle();
        assertThat(active()).hasSize(2);
        end(active().getFirst(), "Succeeded", 0);
        settle();
        assertThat(active()).hasSize(1);
        end(active().getFirst(), "Succeeded", 0);
        settle();
        assertThat(conditions()).containsExactly("SuccessCriteriaMet", "Complete");
        assertThat(job.getStatus().getSucceeded()).isEqualTo(3);
        assertThat(job.getStatus().getCompletionTime()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(job.getStatus().getUncountedTerminatedPods().getSucceeded()).isEmpty();
        assertThat(pods).noneMatch(JobPods::isTracked);
    }

    @Test
    void waitsLongerAfterEachFailureAndGivesUp() {
        job.getSpec().setParallelism(1);
        job.getSpec().setBackoffLimit(1);
        settle();
        end(active().getFirst(), "Failed", 1);
        settle();
        assertThat(active()).isEmpty();
        assertThat(JobPlan.of(job, pods, now).again()).contains(Duration.ofSeconds(10));
        now = now.plusSeconds(10);
        settle();
        end(active().getFirst(), "Failed", 1);
        settle();
        assertThat(conditions()).containsExactly("FailureTarget", "Failed");
        assertThat(job.getStatus().getConditions().getLast().getReason())
                .isEqualTo("BackoffLimitExceeded");
        assertThat(job.getStatus().getFailed()).isEqualTo(2);
    }

    @Test
    void countsAPodOnceWhateverIsInterrupted() {
        settle();
        end(active().getFirst(), "Succeeded", 0);
        JobPlan noted = JobPlan.of(job, pods, now);
        job = new JobBuilder(job).withStatus(noted.status()).build();
        assertThat(job.getStatus().getSucceeded()).isNull();
        assertThat(job.getStatus().getUncountedTerminatedPods().getSucceeded()).hasSize(1);
        // the agent of the loop dies here, twice: the same plan again
        assertThat(JobPlan.of(job, pods, now).status()).isEqualTo(job.getStatus());
        settle();
        assertThat(job.getStatus().getSucceeded()).isEqualTo(1);
    }

    @Test
    void givesEachIndexAPodOfItsOwn() {
        job.getSpec().setCompletionMode("Indexed");
        settle();
        assertThat(active().stream().map(p -> JobPods.index(p).getAsInt()).toList())
                .containsExactly(0, 1);
        assertThat(active().getFirst().getSpec().getHostname()).isEqualTo("work-0");
        end(active().get(1), "Succeeded", 0);
        settle();
        assertThat(job.getStatus().getCompletedIndexes()).isEqualTo("1");
        assertThat(active().stream().map(p -> JobPods.index(p).getAsInt()).toList())
                .containsExactly(0, 2);
        end(active().getFirst(), "Succeeded", 0);
        end(active().getFirst(), "Succeeded", 0);
        settle();
        assertThat(job.getStatus().getCompletedIndexes()).isEqualTo("0-2");
        assertThat(conditions()).endsWith("Complete");
    }

    @Test
    void failsAnIndexByItself() {
        job.getSpec().setCompletionMode("Indexed");
        job.getSpec().setBackoffLimitPerIndex(0);
        settle();
        end(active().getFirst(), "Failed", 1);
        settle();
        assertThat(job.getStatus().getFailedIndexes()).isEqualTo("0");
        end(active().getFirst(), "Succeeded", 0);
        settle();
        end(active().getFirst(), "Succeeded", 0);
        settle();
        assertThat(job.getStatus().getConditions().getLast().getReason())
                .isEqualTo("FailedIndexes");
    }

    @Test
    void endsAtItsDeadlineAndDeletesWhatRuns() {
        job.getSpec().setActiveDeadlineSeconds(30L);
        settle();
        assertThat(JobPlan.of(job, pods, now).again()).contains(Duration.ofSeconds(30));
        now = now.plusSeconds(30);
        JobPlan plan = JobPlan.of(job, pods, now);
        assertThat(plan.deletions()).hasSize(2);
        assertThat(plan.countsDeletions()).isTrue();
        settle();
        assertThat(conditions()).containsExactly("FailureTarget", "Failed");
        assertThat(job.getStatus().getConditions().getLast().getReason())
                .isEqualTo("DeadlineExceeded");
    }

    @Test
    void stopsAndGoesOn() {
        settle();
        job.getSpec().setSuspend(true);
        settle();
        assertThat(active()).isEmpty();
        assertThat(job.getStatus().getFailed()).isNull();
        assertThat(job.getStatus().getStartTime()).isNull();
        assertThat(conditions()).containsExactly("Suspended");
        job.getSpec().setSuspend(false);
        now = now.plusSeconds(60);
        settle();
        assertThat(active()).hasSize(2);
        assertThat(job.getStatus().getStartTime()).isEqualTo("2026-01-01T00:01:00Z");
    }

    @Test
    void takesWhatIsTooManyWithoutCountingItAsFailed() {
        settle();
        job.getSpec().setParallelism(1);
        settle();
        assertThat(active()).hasSize(1);
        assertThat(job.getStatus().getFailed()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0,1", "0-2", "1,3-5,7", "0,1,3,4,6-8"})
    void readsAndWritesIndexes(String text) {
        assertThat(Indexes.format(Indexes.parse(text))).isEqualTo(text);
        assertThat(Indexes.parse("1-3")).isEqualTo(new TreeSet<>(List.of(1, 2, 3)));
    }

    /** Carries plans out until nothing changes, as the API server and the kubelets would. */
    private void settle() {
        for (int i = 0; i < 20; i++) {
            JobPlan plan = JobPlan.of(job, pods, now);
            job = new JobBuilder(job).withStatus(plan.status()).build();
            plan.releases().forEach(JobPlanTest::release);
            for (Pod pod : plan.deletions()) {
                if (!plan.countsDeletions()) {
                    release(pod);
                }
                pod.getMetadata().setDeletionTimestamp(now.toString());
                pod.getStatus().setPhase("Failed");
            }
            pods.removeIf(
                    p -> p.getMetadata().getDeletionTimestamp() != null && !JobPods.isTracked(p));
            plan.creations().forEach(this::add);
        }
    }

    private static void release(Pod pod) {
        pod.getMetadata().getFinalizers().clear();
    }

    private void add(Pod pod) {
        made++;
        pods.add(
                new PodBuilder(pod)
                        .editMetadata()
                        .withName("work-" + made)
                        .withUid("pod-" + made)
                        .withCreationTimestamp(now.toString())
                        .endMetadata()
                        .withNewStatus()
                        .withPhase("Running")
                        .endStatus()
                        .build());
    }

    private void end(Pod pod, String phase, int code) {
        Pod ended =
                new PodBuilder(pod)
                        .withNewStatus()
                        .withPhase(phase)
                        .addNewContainerStatus()
                        .withName("main")
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(code)
                        .withFinishedAt(now.toString())
                        .endTerminated()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build();
        pods.set(pods.indexOf(pod), ended);
    }

    private List<Pod> active() {
        return pods.stream().filter(dev.coracle.controllers.pod.Pods::isActive).toList();
    }

    private List<String> conditions() {
        return job.getStatus().getConditions().stream().map(JobCondition::getType).toList();
    }
}
