package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.condition;
import static dev.coracle.e2e.NamespaceApi.nameOf;
import static dev.coracle.e2e.NamespaceApi.text;
import static dev.coracle.e2e.PlayedJobs.job;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.NamespaceApi.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Jobs, with what Kubernetes' own tests of sig-apps look at. The test says how pods end. */
class JobsIT {

    private final PlayedJobs jobs = new PlayedJobs();
    private final NamespaceApi namespace = jobs.namespace();

    @Test
    void runsToCompletion() {
        namespace.create("jobs", job("done", "completions: 4\nparallelism: 2", "0"));
        namespace.awaitCondition("jobs", "done", "SuccessCriteriaMet", "CompletionsReached");
        namespace.awaitCondition("jobs", "done", "Complete", "CompletionsReached");
        JsonNode job = namespace.get("jobs", "done");
        assertThat(text(job, "/status/succeeded")).isEqualTo("4");
        assertThat(text(job, "/status/active") + text(job, "/status/failed")).isEmpty();
        assertThat(text(job, "/status/ready")).isEqualTo("0");
        assertThat(text(job, "/status/terminating")).isEqualTo("0");
        assertThat(text(job, "/status/completionTime")).isNotEmpty();
        assertThat(text(condition(job, "Complete"), "/message"))
                .isEqualTo("Reached expected number of succeeded pods");
        assertThat(jobs.pods("done"))
                .hasSize(4)
                .allSatisfy(pod -> {
                    assertThat(text(pod, "/status/phase")).isEqualTo("Succeeded");
                    assertThat(text(pod, "/metadata/finalizers")).isEmpty();
                });
        namespace.awaitEvent("done", "SuccessfulCreate", "Created pod: done-");
        namespace.awaitEvent("done", "Completed", "Job completed");
    }

    @Test
    void failsEarlyByExitCode() {
        namespace.create(
                "jobs",
                job(
                        "early",
                        """
                        completions: 4
                        parallelism: 2
                        podFailurePolicy:
                          rules: [{action: FailJob, onExitCodes: {operator: In, values: [1]}}]\
                        """,
                        ""));
        List<JsonNode> pods = jobs.awaitRunning("early", 2);
        jobs.end(pods.getFirst(), 1);
        namespace.awaitCondition("jobs", "early", "FailureTarget", "PodFailurePolicy");
        namespace.awaitCondition("jobs", "early", "Failed", "PodFailurePolicy");
        JsonNode job = namespace.get("jobs", "early");
        assertThat(text(condition(job, "Failed"), "/message"))
                .isEqualTo(
                        "Container c for pod %s/%s failed with exit code 1 matching FailJob rule at index 0"
                                .formatted(namespace.name(), nameOf(pods.getFirst())));
        assertThat(text(job, "/status/active")).isEmpty();
        assertThat(text(job, "/status/failed")).isEqualTo("2");
        namespace.awaitGone("pods", nameOf(pods.get(1)));
        namespace.awaitEvent("early", "PodFailurePolicy", "failed with exit code 1");
    }

    @Test
    void ignoresTheFailureOfAnEvictedPod() {
        namespace.create(
                "jobs",
                job(
                        "evicted",
                        """
                        completions: 2
                        parallelism: 2
                        backoffLimit: 0
                        completionMode: Indexed
                        podFailurePolicy:
                          rules:
                          - {action: Ignore, onExitCodes: {operator: In, values: [7]}}
                          - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}\
                        """,
                        ""));
        JsonNode pod = jobs.awaitRunning("evicted", 2).getFirst();
        WatchedObjects watched =
                WatchedObjects.follow(namespace, namespace.path("pods"), "job-name=evicted");
        assertThat(namespace.evict(nameOf(pod)).code()).isEqualTo(201);
        namespace.awaitGone("pods", nameOf(pod));
        watched.await(
                "MODIFIED " + nameOf(pod),
                now -> {
                    JsonNode target = condition(now, "DisruptionTarget");
                    return text(target, "/status").equals("True")
                            && text(target, "/reason").equals("EvictionByEvictionAPI");
                });
        jobs.awaitRunning("evicted", 2).forEach(left -> jobs.end(left, 0));
        namespace.awaitCondition("jobs", "evicted", "Complete", "CompletionsReached");
        assertThat(text(namespace.get("jobs", "evicted"), "/status/failed")).isEmpty();
    }

    @Test
    void startsAndStopsBySuspend() {
        namespace.create("jobs", job("held", "suspend: true\ncompletions: 4\nparallelism: 2", ""));
        namespace.awaitCondition("jobs", "held", "Suspended", "JobSuspended");
        assertThat(jobs.pods("held")).isEmpty();
        assertThat(text(namespace.get("jobs", "held"), "/status/ready")).isEqualTo("0");
        assertThat(text(namespace.get("jobs", "held"), "/status/startTime")).isEmpty();
        namespace.merge("jobs", "held", "{\"spec\":{\"suspend\":false}}");
        namespace.awaitField("jobs", "held", "/status/ready", "2");
        JsonNode resumed = namespace.get("jobs", "held");
        assertThat(text(condition(resumed, "Suspended"), "/status")).isEqualTo("False");
        assertThat(text(condition(resumed, "Suspended"), "/reason")).isEqualTo("JobResumed");
        assertThat(text(resumed, "/status/startTime")).isNotEmpty();
        namespace.merge("jobs", "held", "{\"spec\":{\"suspend\":true}}");
        namespace.awaitCondition("jobs", "held", "Suspended", "JobSuspended");
        Await.until(PATIENCE, () -> assertThat(jobs.pods("held")).isEmpty());
        namespace.awaitField("jobs", "held", "/status/ready", "0");
        namespace.awaitField("jobs", "held", "/status/terminating", "0");
        assertThat(text(namespace.get("jobs", "held"), "/status/failed")).isEmpty();
        namespace.awaitEvent("held", "Suspended", "Job suspended");
        namespace.awaitEvent("held", "Resumed", "Job resumed");
        namespace.awaitEvent("held", "SuccessfulDelete", "Deleted pod: held-");
    }

    @Test
    void adoptsOrphansAndReleasesStrangers() {
        namespace.create("jobs", job("family", "completions: 4\nparallelism: 2", ""));
        String pod = nameOf(jobs.awaitRunning("family", 2).getFirst());
        String uid = text(namespace.get("jobs", "family"), "/metadata/uid");
        namespace.merge("pods", pod, "{\"metadata\":{\"ownerReferences\":null}}");
        namespace.awaitField("pods", pod, "/metadata/ownerReferences/0/uid", uid);
        assertThat(text(namespace.get("pods", pod), "/metadata/ownerReferences/0"))
                .contains("\"controller\":true", "\"blockOwnerDeletion\":true");
        namespace.merge("pods", pod, "{\"metadata\":{\"labels\":null}}");
        namespace.awaitField("pods", pod, "/metadata/ownerReferences", "");
        namespace.awaitField("pods", pod, "/metadata/finalizers", "");
        jobs.awaitRunning("family", 2);
        assertThat(namespace.exists("pods", pod)).isTrue();
    }

    @Test
    void takesItsPodsAlong() {
        namespace.create("jobs", job("gone", "completions: 4\nparallelism: 2", ""));
        jobs.awaitRunning("gone", 2);
        namespace.delete("jobs", "gone", "Foreground");
        namespace.awaitGone("jobs", "gone");
        assertThat(jobs.pods("gone")).isEmpty();
        namespace.create("jobs", job("old", "completions: 4\nparallelism: 2", ""));
        jobs.awaitRunning("old", 2);
        // what the first clients of this API were used to
        namespace.delete("jobs", "old", "");
        namespace.awaitGone("jobs", "old");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(jobs.pods("old"))
                                .hasSize(2)
                                .allSatisfy(pod -> {
                                    assertThat(text(pod, "/metadata/ownerReferences")).isEmpty();
                                    assertThat(text(pod, "/metadata/finalizers")).isEmpty();
                                }));
    }

    @Test
    void failsAboveTheBackoffLimit() {
        namespace.create("jobs", job("unlucky", "backoffLimit: 0", "1"));
        namespace.awaitCondition("jobs", "unlucky", "FailureTarget", "BackoffLimitExceeded");
        namespace.awaitCondition("jobs", "unlucky", "Failed", "BackoffLimitExceeded");
        assertThat(jobs.pods("unlucky")).hasSize(1);
        assertThat(text(condition(namespace.get("jobs", "unlucky"), "Failed"), "/message"))
                .isEqualTo("Job has reached the specified backoff limit");
        namespace.awaitEvent("unlucky", "BackoffLimitExceeded", "backoff limit");

        namespace.create("jobs", job("slow", "activeDeadlineSeconds: 1\nparallelism: 2", ""));
        namespace.awaitCondition("jobs", "slow", "Failed", "DeadlineExceeded");
        Await.until(PATIENCE, () -> assertThat(jobs.pods("slow")).isEmpty());
    }

    @Test
    void replacesPodsOnlyWhenTheyHaveFailed() {
        String stays = job("patient", "podReplacementPolicy: Failed\nbackoffLimit: 3", "");
        namespace.create("jobs", stays.replace("played/exit-code: \"\"", "played/stays: \"true\""));
        JsonNode pod = jobs.awaitRunning("patient", 1).getFirst();
        namespace.delete("pods", nameOf(pod), "");
        namespace.awaitField("jobs", "patient", "/status/terminating", "1");
        JsonNode job = namespace.get("jobs", "patient");
        assertThat(text(job, "/status/active") + text(job, "/status/failed")).isEmpty();
        namespace.merge(
                "pods", nameOf(pod), "{\"metadata\":{\"annotations\":{\"played/stays\":null}}}");
        namespace.awaitField("jobs", "patient", "/status/failed", "1");
        namespace.awaitField("jobs", "patient", "/status/terminating", "0");
        assertThat(
                        jobs.pods("patient").stream()
                                .filter(p -> text(p, "/status/phase").equals("Failed")))
                .hasSizeLessThan(2);
    }

    @Test
    void keepsConditionsOfOthers() {
        namespace.create("jobs", job("marked", "completions: 4\nparallelism: 2", ""));
        jobs.awaitRunning("marked", 2);
        namespace.awaitField("jobs", "marked", "/status/ready", "2");
        JsonNode patched =
                namespace.mergeStatus(
                        "jobs",
                        "marked",
                        """
                        {"metadata":{"annotations":{"patchedstatus":"true"}},"status":{"conditions":[
                         {"type":"CustomConditionType","status":"True",
                          "lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
                        """);
        assertThat(text(condition(patched, "CustomConditionType"), "/lastTransitionTime"))
                .isEqualTo("2026-01-01T00:00:00Z");
        jobs.pods("marked").forEach(pod -> jobs.end(pod, 0));
        namespace.awaitField("jobs", "marked", "/status/succeeded", "2");
        assertThat(
                        text(
                                condition(namespace.get("jobs", "marked"), "CustomConditionType"),
                                "/status"))
                .isEqualTo("True");
        Answer refused =
                namespace.send(
                        "PATCH",
                        namespace.path("jobs") + "/marked/status",
                        NamespaceApi.MERGE,
                        """
                        {"status":{"startTime":"2020-01-01T00:00:00Z","conditions":[
                         {"type":"Complete","status":"True"},{"type":"Failed","status":"True"}]}}
                        """);
        assertThat(refused.code()).isEqualTo(422);
        assertThat(refused.message())
                .contains(
                        "status.conditions: Invalid value: cannot set Complete=True and Failed=true"
                                + " conditions",
                        "status.completionTime: Required value: completionTime is required for"
                                + " Complete jobs",
                        "status.startTime: Required value: startTime cannot be removed for"
                                + " unsuspended job");
    }

    @Test
    void isLeftToItsManager() {
        namespace.create("jobs", job("theirs", "managedBy: example.com/other", "0"));
        namespace.create("jobs", job("ours", "", "0"));
        namespace.awaitCondition("jobs", "ours", "Complete", "CompletionsReached");
        assertThat(text(namespace.get("jobs", "theirs"), "/status/startTime")).isEmpty();
        assertThat(jobs.pods("theirs")).isEmpty();
    }

    @Test
    void servesEveryVerb() {
        ApiOperations.of(namespace, "jobs")
                .check(
                        """
                        apiVersion: batch/v1
                        kind: Job
                        spec:
                          suspend: true
                          template:
                            spec: {restartPolicy: Never, containers: [{name: c, image: x}]}
                        """,
                        "{\"terminating\":0}");
    }
}
