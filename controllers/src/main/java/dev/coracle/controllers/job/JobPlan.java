package dev.coracle.controllers.job;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a Job needs next, from itself and its pods: its new status, the pods that are counted and
 * may go, the pods to delete and to make. To be done in this order, each only if the one before
 * was.
 */
final class JobPlan {

    private static final int LARGEST_STEP = 500;
    private static final Duration FIRST_DELAY = Duration.ofSeconds(10);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(10);

    private final Job job;
    private final List<Pod> pods;
    private final Instant now;
    private final Tally tally;
    private final JobConditions conditions;
    private final List<Pod> active = new ArrayList<>();
    private final List<Pod> deletions = new ArrayList<>();
    private final List<Pod> creations = new ArrayList<>();
    private int terminating;
    private @Nullable Instant startTime;
    private @Nullable Duration again;

    private JobPlan(Job job, List<Pod> pods, Instant now) {
        this.job = job;
        this.pods = pods;
        this.now = now;
        this.tally = new Tally(job, pods);
        this.conditions = new JobConditions(job, now);
    }

    /** Decides for one moment. */
    static JobPlan of(Job job, List<Pod> pods, Instant now) {
        JobPlan plan = new JobPlan(job, pods, now);
        if (plan.conditions.isFinished()) {
            plan.tally.releaseAll();
        } else {
            plan.decide();
        }
        return plan;
    }

    /** The pods whose finalizer may go once the status is written. */
    List<Pod> releases() {
        return tally.releases();
    }

    List<Pod> deletions() {
        return deletions;
    }

    /** Whether the pods to delete count as failed: the Job ends, they did not become too many. */
    boolean countsDeletions() {
        return conditions.isFailing() || conditions.isSucceeding();
    }

    List<Pod> creations() {
        return creations;
    }

    /** When to look again, if nothing happens before. */
    Optional<Duration> again() {
        return Optional.ofNullable(again);
    }

    JobConditions conditions() {
        return conditions;
    }

    private void decide() {
        tally.count();
        for (Pod pod : pods) {
            if (!Pods.isFinished(pod)) {
                if (Pods.isTerminating(pod)) {
                    terminating++;
                } else {
                    active.add(pod);
                }
            }
        }
        start();
        judge();
        boolean ending = conditions.isFailing() || conditions.isSucceeding();
        if (ending || isSuspended()) {
            deletions.addAll(active);
        } else if (job.getMetadata().getDeletionTimestamp() == null) {
            manage();
        }
        if (ending && active.isEmpty() && terminating == 0 && tally.isSettled()) {
            conditions.finish();
        }
    }

    /** The status to write. */
    JobStatus status() {
        JobStatus old = job.getStatus() == null ? new JobStatus() : job.getStatus();
        if (conditions.wasFinished()) {
            return old;
        }
        int stillActive = active.size() - deletions.size() + creations.size();
        int ready =
                (int)
                        active.stream()
                                .filter(pod -> !deletions.contains(pod))
                                .filter(Pods::isReady)
                                .count();
        JobStatus status = new JobStatus();
        status.setActive(orAbsent(stillActive));
        status.setReady(ready);
        status.setTerminating(terminating);
        tally.writeTo(status);
        status.setStartTime(startTime == null ? null : startTime.toString());
        status.setCompletionTime(conditions.completionTime());
        status.setConditions(conditions.all());
        return status;
    }

    private static @Nullable Integer orAbsent(int count) {
        return count == 0 ? null : Integer.valueOf(count);
    }

    private boolean isSuspended() {
        return Boolean.TRUE.equals(job.getSpec().getSuspend());
    }

    /** A suspended Job has no start; one that goes on begins anew. */
    private void start() {
        String known = job.getStatus() == null ? null : job.getStatus().getStartTime();
        if (isSuspended()) {
            conditions.suspend();
            startTime = null;
        } else {
            boolean resumed = conditions.resume();
            startTime =
                    known == null || resumed
                            ? now.truncatedTo(ChronoUnit.SECONDS)
                            : Instant.parse(known);
        }
    }

    /** Whether the Job has failed or succeeded by what is counted now. */
    private void judge() {
        if (conditions.isFailing() || conditions.isSucceeding()) {
            return;
        }
        Optional<String> byPolicy = tally.failure();
        if (byPolicy.isPresent()) {
            conditions.fail("PodFailurePolicy", byPolicy.get());
        } else if (tally.failed() > backoffLimit() || restartsExceed()) {
            conditions.fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        } else if (isPastDeadline()) {
            conditions.fail("DeadlineExceeded", "Job was active longer than specified deadline");
        } else if (JobPods.isIndexed(job)) {
            judgeIndexes();
        } else if (isComplete()) {
            conditions.succeed("CompletionsReached", "Reached expected number of succeeded pods");
        }
    }

    private void judgeIndexes() {
        NavigableSet<Integer> done = tally.completedIndexes();
        NavigableSet<Integer> failed = tally.failedIndexes();
        Integer most = job.getSpec().getMaxFailedIndexes();
        Optional<String> success = SuccessRules.match(job, done);
        if (most != null && failed.size() > most) {
            conditions.fail(
                    "MaxFailedIndexesExceeded",
                    "Job has exceeded the specified maximal number of failed indexes");
        } else if (success.isPresent()) {
            conditions.succeed("SuccessPolicy", success.get());
        } else if (done.size() + failed.size() >= completions() && active.isEmpty()) {
            if (failed.isEmpty()) {
                conditions.succeed(
                        "CompletionsReached", "Reached expected number of succeeded pods");
            } else {
                conditions.fail("FailedIndexes", "Job has failed indexes");
            }
        }
    }

    private boolean isComplete() {
        if (isSuspended() || !active.isEmpty()) {
            return false;
        }
        Integer wanted = job.getSpec().getCompletions();
        return wanted == null ? tally.succeeded() > 0 : tally.succeeded() >= wanted;
    }

    private int completions() {
        Integer completions = job.getSpec().getCompletions();
        return completions == null ? 1 : completions;
    }

    private int backoffLimit() {
        Integer limit = job.getSpec().getBackoffLimit();
        return limit == null ? 6 : limit;
    }

    /** Containers that are started again in their pods count like failed pods. */
    private boolean restartsExceed() {
        if (!"OnFailure".equals(job.getSpec().getTemplate().getSpec().getRestartPolicy())) {
            return false;
        }
        int restarts = active.stream().mapToInt(JobPods::restarts).sum();
        return backoffLimit() == 0 ? restarts > 0 : restarts >= backoffLimit();
    }

    private boolean isPastDeadline() {
        Long seconds = job.getSpec().getActiveDeadlineSeconds();
        if (seconds == null || startTime == null) {
            return false;
        }
        Duration left = Duration.between(now, startTime.plusSeconds(seconds));
        if (left.isPositive()) {
            lookAgainAfter(left);
            return false;
        }
        return true;
    }

    private void lookAgainAfter(Duration delay) {
        again = again == null || delay.compareTo(again) < 0 ? delay : again;
    }

    /** Makes or removes pods until as many are active as may be. */
    private void manage() {
        int parallelism =
                job.getSpec().getParallelism() == null ? 1 : job.getSpec().getParallelism();
        int wanted;
        if (job.getSpec().getCompletions() == null) {
            wanted = tally.succeeded() > 0 ? Math.min(active.size(), parallelism) : parallelism;
        } else {
            int left =
                    JobPods.isIndexed(job)
                            ? completions()
                                    - tally.completedIndexes().size()
                                    - tally.failedIndexes().size()
                            : completions() - tally.succeeded();
            wanted = Math.max(0, Math.min(left, parallelism));
        }
        removeRepeated();
        int kept = active.size() - deletions.size();
        if (kept > wanted) {
            active.stream()
                    .filter(pod -> !deletions.contains(pod))
                    .sorted(
                            Comparator.comparing(Pods::isReady)
                                    .thenComparing(
                                            pod -> pod.getMetadata().getCreationTimestamp(),
                                            Comparator.nullsLast(Comparator.reverseOrder())))
                    .limit(kept - wanted)
                    .forEach(deletions::add);
            return;
        }
        int lacking = wanted - kept - (JobPods.replacesFailedOnly(job) ? terminating : 0);
        if (lacking > 0) {
            make(Math.min(lacking, LARGEST_STEP));
        }
    }

    /** Two pods of one index: the younger goes. */
    private void removeRepeated() {
        if (!JobPods.isIndexed(job)) {
            return;
        }
        Map<Integer, Pod> first = new TreeMap<>();
        active.stream()
                .sorted(
                        Comparator.comparing(
                                pod -> pod.getMetadata().getCreationTimestamp(),
                                Comparator.nullsLast(Comparator.naturalOrder())))
                .forEach(pod -> {
                    OptionalInt index = JobPods.index(pod);
                    if (index.isEmpty()
                            || index.getAsInt() >= completions()
                            || first.putIfAbsent(index.getAsInt(), pod) != null) {
                        deletions.add(pod);
                    }
                });
    }

    private void make(int count) {
        if (!JobPods.isIndexed(job)) {
            Duration delay = delay(pods);
            if (delay.isPositive()) {
                lookAgainAfter(delay);
                return;
            }
            for (int i = 0; i < count; i++) {
                creations.add(JobPods.of(job));
            }
            return;
        }
        NavigableSet<Integer> taken = new TreeSet<>(tally.completedIndexes());
        taken.addAll(tally.failedIndexes());
        for (Pod pod : pods) {
            if (!Pods.isFinished(pod)
                    && (!Pods.isTerminating(pod) || JobPods.replacesFailedOnly(job))) {
                JobPods.index(pod).ifPresent(taken::add);
            }
        }
        boolean perIndex = job.getSpec().getBackoffLimitPerIndex() != null;
        Duration common = perIndex ? Duration.ZERO : delay(pods);
        if (common.isPositive()) {
            lookAgainAfter(common);
            return;
        }
        for (int index = 0; index < completions() && creations.size() < count; index++) {
            if (!taken.contains(index)) {
                makeIndex(index, perIndex);
            }
        }
    }

    private void makeIndex(int index, boolean perIndex) {
        List<Pod> earlier =
                pods.stream()
                        .filter(pod -> JobPods.index(pod).equals(OptionalInt.of(index)))
                        .toList();
        Duration delay = perIndex ? delay(earlier) : Duration.ZERO;
        if (delay.isPositive()) {
            lookAgainAfter(delay);
            return;
        }
        creations.add(JobPods.of(job, index, tally.failuresOf(index)));
    }

    /** How long to wait after failures without a success between them. */
    private Duration delay(List<Pod> of) {
        Instant success = Instant.MIN;
        for (Pod pod : of) {
            if (Pods.phase(pod).equals("Succeeded") && JobPods.ended(pod, now).isAfter(success)) {
                success = JobPods.ended(pod, now);
            }
        }
        int failures = 0;
        Instant last = Instant.MIN;
        for (Pod pod : of) {
            Instant ended = JobPods.ended(pod, now);
            if (JobPods.isFailed(job, pod) && ended.isAfter(success)) {
                failures++;
                last = ended.isAfter(last) ? ended : last;
            }
        }
        if (failures == 0) {
            return Duration.ZERO;
        }
        Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 10));
        delay = delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
        Duration left = Duration.between(now, last.plus(delay));
        return left.isPositive() ? left : Duration.ZERO;
    }
}
