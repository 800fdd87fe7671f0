package dev.coracle.controllers.job;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts each pod once. A pod that has ended is first noted in the status by its uid, then loses
 * its finalizer, and then moves from the notes to the counter: whatever is interrupted is gone on
 * with.
 */
final class Tally {

    private final Job job;
    private final List<Pod> pods;
    private final Map<String, Pod> byUid = new HashMap<>();
    private final Set<String> notedSucceeded = new LinkedHashSet<>();
    private final Set<String> notedFailed = new LinkedHashSet<>();
    private final NavigableSet<Integer> completedIndexes;
    private final NavigableSet<Integer> failedIndexes;
    private final List<Pod> releases = new ArrayList<>();
    private final Map<Integer, Integer> failures = new HashMap<>();
    private int succeeded;
    private int failed;
    private @Nullable String failure;

    Tally(Job job, List<Pod> pods) {
        this.job = job;
        this.pods = pods;
        JobStatus status = job.getStatus() == null ? new JobStatus() : job.getStatus();
        succeeded = status.getSucceeded() == null ? 0 : status.getSucceeded();
        failed = status.getFailed() == null ? 0 : status.getFailed();
        completedIndexes = Indexes.parse(status.getCompletedIndexes());
        failedIndexes = Indexes.parse(status.getFailedIndexes());
        UncountedTerminatedPods noted = status.getUncountedTerminatedPods();
        if (noted != null) {
            notedSucceeded.addAll(noted.getSucceeded());
            notedFailed.addAll(noted.getFailed());
        }
        pods.forEach(pod -> byUid.put(pod.getMetadata().getUid(), pod));
    }

    /** Every pod may go: the Job is over. */
    void releaseAll() {
        pods.stream().filter(JobPods::isTracked).forEach(releases::add);
    }

    void count() {
        succeeded += settle(notedSucceeded);
        failed += settle(notedFailed);
        for (Pod pod : pods) {
            noteFailures(pod);
            String uid = pod.getMetadata().getUid();
            if (!JobPods.isTracked(pod)) {
                continue;
            }
            if (notedSucceeded.contains(uid) || notedFailed.contains(uid)) {
                releases.add(pod);
            } else if (Pods.phase(pod).equals("Succeeded")) {
                countSuccess(pod, uid);
            } else if (JobPods.isFailed(job, pod)) {
                countFailure(pod, uid);
            }
        }
    }

    /** Those that have lost their finalizer are counted and forgotten. */
    private int settle(Set<String> noted) {
        int before = noted.size();
        noted.removeIf(uid -> {
            Pod pod = byUid.get(uid);
            return pod == null || !JobPods.isTracked(pod);
        });
        return before - noted.size();
    }

    private void countSuccess(Pod pod, String uid) {
        releases.add(pod);
        if (!JobPods.isIndexed(job)) {
            notedSucceeded.add(uid);
            return;
        }
        OptionalInt index = JobPods.index(pod);
        if (index.isPresent() && index.getAsInt() < job.getSpec().getCompletions()) {
            completedIndexes.add(index.getAsInt());
        }
    }

    private void countFailure(Pod pod, String uid) {
        releases.add(pod);
        FailurePolicy.Ruling ruling = FailurePolicy.of(job, pod);
        if (ruling.action().equals("Ignore")) {
            return;
        }
        notedFailed.add(uid);
        if (ruling.action().equals("FailJob") && failure == null) {
            failure = ruling.message();
        }
        Integer limit = job.getSpec().getBackoffLimitPerIndex();
        OptionalInt index = JobPods.index(pod);
        if (limit != null
                && index.isPresent()
                && (ruling.action().equals("FailIndex") || JobPods.earlierFailures(pod) + 1 > limit)
                && !completedIndexes.contains(index.getAsInt())) {
            failedIndexes.add(index.getAsInt());
        }
    }

    private void noteFailures(Pod pod) {
        OptionalInt index = JobPods.index(pod);
        if (index.isPresent() && JobPods.isFailed(job, pod)) {
            boolean ignored = FailurePolicy.of(job, pod).action().equals("Ignore");
            failures.merge(
                    index.getAsInt(),
                    JobPods.earlierFailures(pod) + (ignored ? 0 : 1),
                    Integer::max);
        }
    }

    /** How often an index has failed, as far as its pods tell. */
    int failuresOf(int index) {
        return failures.getOrDefault(index, 0);
    }

    int succeeded() {
        return JobPods.isIndexed(job) ? completedIndexes.size() : succeeded + notedSucceeded.size();
    }

    int failed() {
        return failed + notedFailed.size();
    }

    NavigableSet<Integer> completedIndexes() {
        return completedIndexes;
    }

    NavigableSet<Integer> failedIndexes() {
        return failedIndexes;
    }

    /** Why a rule of the failure policy fails the Job. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    List<Pod> releases() {
        return releases;
    }

    /** Whether nothing waits to be counted. */
    boolean isSettled() {
        return releases.isEmpty() && notedSucceeded.isEmpty() && notedFailed.isEmpty();
    }

    void writeTo(JobStatus status) {
        int counted = JobPods.isIndexed(job) ? completedIndexes.size() : succeeded;
        status.setSucceeded(counted == 0 ? null : Integer.valueOf(counted));
        status.setFailed(failed == 0 ? null : Integer.valueOf(failed));
        if (JobPods.isIndexed(job)) {
            status.setCompletedIndexes(
                    completedIndexes.isEmpty() ? null : Indexes.format(completedIndexes));
        }
        if (job.getSpec().getBackoffLimitPerIndex() != null) {
            status.setFailedIndexes(Indexes.format(failedIndexes));
        }
        status.setUncountedTerminatedPods(
                new UncountedTerminatedPods(
                        new ArrayList<>(notedFailed), new ArrayList<>(notedSucceeded)));
    }
}
