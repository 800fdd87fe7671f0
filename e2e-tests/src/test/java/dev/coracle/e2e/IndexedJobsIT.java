package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.nameOf;
import static dev.coracle.e2e.NamespaceApi.text;
import static dev.coracle.e2e.PlayedJobs.job;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Indexed Jobs, with what Kubernetes' own tests of sig-apps look at. */
class IndexedJobsIT {

    private final PlayedJobs jobs = new PlayedJobs();
    private final NamespaceApi namespace = jobs.namespace();

    @Test
    void givesIndexesAndHostnames() {
        namespace.create(
                "jobs",
                job("indexed", "completions: 4\nparallelism: 2\ncompletionMode: Indexed", "0"));
        namespace.awaitCondition("jobs", "indexed", "Complete", "CompletionsReached");
        assertThat(text(namespace.get("jobs", "indexed"), "/status/completedIndexes"))
                .isEqualTo("0-3");
        Set<String> hosts =
                jobs.pods("indexed").stream()
                        .map(pod -> text(pod, "/spec/hostname"))
                        .collect(Collectors.toSet());
        assertThat(hosts)
                .containsExactlyInAnyOrder("indexed-0", "indexed-1", "indexed-2", "indexed-3");
        assertThat(jobs.pods("indexed"))
                .allSatisfy(pod -> {
                    String index =
                            text(
                                    pod,
                                    "/metadata/annotations/batch.kubernetes.io~1job-completion-index");
                    assertThat(text(pod, "/spec/hostname")).isEqualTo("indexed-" + index);
                    assertThat(
                                    text(
                                            pod,
                                            "/metadata/labels/batch.kubernetes.io~1job-completion-index"))
                            .isEqualTo(index);
                    assertThat(nameOf(pod)).startsWith("indexed-" + index + "-");
                });
    }

    @Test
    void countsFailuresByIndex() {
        namespace.create(
                "jobs",
                job(
                        "some",
                        "completions: 4\nparallelism: 4\ncompletionMode: Indexed\nbackoffLimitPerIndex: 0",
                        ""));
        jobs.awaitRunning("some", 4)
                .forEach(pod -> {
                    boolean odd = text(pod, "/spec/hostname").matches("some-[13]");
                    jobs.end(pod, odd ? 1 : 0);
                });
        namespace.awaitCondition("jobs", "some", "FailureTarget", "FailedIndexes");
        namespace.awaitCondition("jobs", "some", "Failed", "FailedIndexes");
        JsonNode job = namespace.get("jobs", "some");
        assertThat(text(job, "/status/failedIndexes")).isEqualTo("1,3");
        assertThat(text(job, "/status/completedIndexes")).isEqualTo("0,2");
        assertThat(text(job, "/status/failed") + text(job, "/status/succeeded")).isEqualTo("22");
        assertThat(text(job, "/spec/backoffLimit")).isEqualTo("2147483647");

        namespace.create(
                "jobs",
                job(
                        "most",
                        "completions: 4\nparallelism: 1\ncompletionMode: Indexed\nbackoffLimitPerIndex: 0\nmaxFailedIndexes: 0",
                        "1"));
        namespace.awaitCondition("jobs", "most", "Failed", "MaxFailedIndexesExceeded");
        assertThat(text(namespace.get("jobs", "most"), "/status/failedIndexes")).isEqualTo("0");
        assertThat(text(namespace.get("jobs", "most"), "/status/failed")).isEqualTo("1");

        namespace.create(
                "jobs",
                job(
                        "rule",
                        """
                        completions: 2
                        parallelism: 2
                        completionMode: Indexed
                        backoffLimitPerIndex: 1
                        podFailurePolicy:
                          rules: [{action: FailIndex, onExitCodes: {operator: In, values: [1]}}]\
                        """,
                        ""));
        jobs.awaitRunning("rule", 2)
                .forEach(pod -> {
                    boolean odd = text(pod, "/spec/hostname").equals("rule-1");
                    jobs.end(pod, odd ? 1 : 0);
                });
        namespace.awaitCondition("jobs", "rule", "Failed", "FailedIndexes");
        assertThat(text(namespace.get("jobs", "rule"), "/status/failedIndexes")).isEqualTo("1");
    }

    @Test
    void succeedsByItsPolicy() {
        namespace.create(
                "jobs",
                job(
                        "leader",
                        """
                        completions: 3
                        parallelism: 3
                        completionMode: Indexed
                        successPolicy: {rules: [{succeededIndexes: "0"}]}\
                        """,
                        ""));
        jobs.awaitRunning("leader", 3).stream()
                .filter(pod -> text(pod, "/spec/hostname").equals("leader-0"))
                .forEach(pod -> jobs.end(pod, 0));
        namespace.awaitCondition("jobs", "leader", "SuccessCriteriaMet", "SuccessPolicy");
        namespace.awaitCondition("jobs", "leader", "Complete", "SuccessPolicy");
        JsonNode job = namespace.get("jobs", "leader");
        assertThat(text(job, "/status/completedIndexes")).isEqualTo("0");
        assertThat(text(job, "/status/succeeded")).isEqualTo("1");
        assertThat(text(job, "/status/terminating")).isEqualTo("0");
    }
}
