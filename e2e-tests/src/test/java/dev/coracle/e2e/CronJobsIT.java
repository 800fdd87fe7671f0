package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.nameOf;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * CronJobs, with what Kubernetes' own tests of sig-apps look at. No minute is waited for: the last
 * start is set back, and the schedule then says what was due.
 */
class CronJobsIT {

    private final NamespaceApi namespace = NamespaceApi.create("cron");
    private final Instant minute = Instant.now().truncatedTo(ChronoUnit.MINUTES);

    private void cronJob(String name, String spec, String exit) {
        namespace.create(
                "cronjobs",
                """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: %s}
                spec:
                  schedule: "0 0 29 2 *"
                  %s
                  jobTemplate:
                    metadata: {labels: {cron: %s}, annotations: {a: b}}
                    spec:
                      template:
                        metadata: {annotations: {played/exit-code: "%s"}}
                        spec:
                          restartPolicy: Never
                          containers: [{name: c, image: x}]
                """
                        .formatted(name, spec, name, exit));
    }

    /** Lets one start be due, that of some minutes ago. */
    private void letStart(String name, int minutesAgo) {
        Instant due = minute.minus(Duration.ofMinutes(minutesAgo));
        namespace.mergeStatus(
                "cronjobs",
                name,
                "{\"status\":{\"lastScheduleTime\":\"%s\"}}".formatted(due.minusSeconds(60)));
        namespace.merge(
                "cronjobs",
                name,
                "{\"spec\":{\"schedule\":\"%d * * * *\"}}"
                        .formatted(due.atOffset(ZoneOffset.UTC).getMinute()));
    }

    private String jobName(String name, int minutesAgo) {
        return name + "-" + minute.minus(Duration.ofMinutes(minutesAgo)).getEpochSecond() / 60;
    }

    private List<String> jobs(String name) {
        return namespace.list("jobs", "cron=" + name).stream().map(NamespaceApi::nameOf).toList();
    }

    private void awaitJobs(String name, String... expected) {
        Await.until(PATIENCE, () -> assertThat(jobs(name)).containsExactly(expected));
    }

    /** Waits until the status says so too: what a test writes there must not come in between. */
    private void awaitActive(String name, String job) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(text(namespace.get("cronjobs", name), "/status/active"))
                                .contains("\"name\":\"" + job + "\""));
    }

    @Test
    void startsSeveralAtOnce() {
        cronJob("many", "concurrencyPolicy: Allow", "");
        letStart("many", 3);
        awaitJobs("many", jobName("many", 3));
        awaitActive("many", jobName("many", 3));
        letStart("many", 2);
        awaitJobs("many", jobName("many", 3), jobName("many", 2));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.get("cronjobs", "many").at("/status/active"))
                                .hasSize(2));
        JsonNode cron = namespace.get("cronjobs", "many");
        assertThat(text(cron, "/status/lastScheduleTime"))
                .isEqualTo(minute.minus(Duration.ofMinutes(2)).toString());
        JsonNode job = namespace.get("jobs", jobName("many", 2));
        assertThat(text(cron, "/status/active/1"))
                .contains(
                        "\"kind\":\"Job\"",
                        "\"apiVersion\":\"batch/v1\"",
                        "\"uid\":\"" + text(job, "/metadata/uid") + "\"");
        assertThat(text(job, "/metadata/ownerReferences/0"))
                .contains("\"kind\":\"CronJob\"", "\"controller\":true");
        assertThat(text(job, "/metadata/annotations/a")).isEqualTo("b");
        assertThat(
                        Instant.parse(
                                text(
                                        job,
                                        "/metadata/annotations/batch.kubernetes.io~1cronjob-scheduled-timestamp")))
                .isEqualTo(minute.minus(Duration.ofMinutes(2)));
        namespace.awaitEvent("many", "SuccessfulCreate", "Created job " + jobName("many", 2));
    }

    @Test
    void doesNotStartWhileSuspended() {
        cronJob("held", "suspend: true", "");
        letStart("held", 3);
        cronJob("other", "", "");
        letStart("other", 3);
        awaitJobs("other", jobName("other", 3));
        assertThat(jobs("held")).isEmpty();
        assertThat(namespace.get("cronjobs", "held").at("/status/active")).isEmpty();
        namespace.merge("cronjobs", "held", "{\"spec\":{\"suspend\":false}}");
        awaitJobs("held", jobName("held", 3));
    }

    @Test
    void startsNoneBesideOneThatRuns() {
        cronJob("single", "concurrencyPolicy: Forbid", "");
        letStart("single", 3);
        awaitJobs("single", jobName("single", 3));
        awaitActive("single", jobName("single", 3));
        letStart("single", 2);
        namespace.awaitEvent("single", "JobAlreadyActive", "concurrency policy is Forbid");
        assertThat(jobs("single")).containsExactly(jobName("single", 3));
    }

    @Test
    void replacesOneThatRuns() {
        cronJob("newest", "concurrencyPolicy: Replace", "");
        letStart("newest", 3);
        awaitJobs("newest", jobName("newest", 3));
        awaitActive("newest", jobName("newest", 3));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.list("pods", "job-name=" + jobName("newest", 3)))
                                .hasSize(1));
        letStart("newest", 2);
        awaitJobs("newest", jobName("newest", 2));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.list("pods", "job-name=" + jobName("newest", 3)))
                                .isEmpty());
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.get("cronjobs", "newest").at("/status/active"))
                                .singleElement()
                                .satisfies(a ->
                                        assertThat(text(a, "/name"))
                                                .isEqualTo(jobName("newest", 2))));
        namespace.awaitEvent("newest", "SuccessfulDelete", "Deleted job " + jobName("newest", 3));
    }

    @Test
    void removesFinishedJobsAboveTheLimits() {
        cronJob("short", "successfulJobsHistoryLimit: 1", "0");
        letStart("short", 4);
        awaitJobs("short", jobName("short", 4));
        namespace.awaitCondition("jobs", jobName("short", 4), "Complete", "CompletionsReached");
        namespace.awaitEvent(
                "short",
                "SawCompletedJob",
                "Saw completed job: " + jobName("short", 4) + ", condition: Complete");
        letStart("short", 3);
        awaitJobs("short", jobName("short", 3));
        JsonNode job = namespace.get("jobs", jobName("short", 3));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        text(
                                                namespace.get("cronjobs", "short"),
                                                "/status/lastSuccessfulTime"))
                                .isNotEmpty());
        assertThat(nameOf(job)).isEqualTo(jobName("short", 3));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.get("cronjobs", "short").at("/status/active"))
                                .isEmpty());

        cronJob("bad", "failedJobsHistoryLimit: 0", "1");
        namespace.merge(
                "cronjobs", "bad", "{\"spec\":{\"jobTemplate\":{\"spec\":{\"backoffLimit\":0}}}}");
        letStart("bad", 3);
        namespace.awaitEvent(
                "bad",
                "SawCompletedJob",
                "Saw completed job: " + jobName("bad", 3) + ", condition: Failed");
        awaitJobs("bad");
    }

    @Test
    void missesAStartThatIsTooLate() {
        cronJob("late", "startingDeadlineSeconds: 60", "");
        letStart("late", 3);
        namespace.awaitEvent(
                "late",
                "MissSchedule",
                "Missed scheduled time to start a job: "
                        + DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss Z", Locale.ROOT)
                                .format(
                                        minute.minus(Duration.ofMinutes(3))
                                                .atOffset(ZoneOffset.UTC)));
        assertThat(jobs("late")).isEmpty();
    }

    /** As {@code kubectl create job --from} makes them. */
    @Test
    void tellsOfJobsThatOthersMade() {
        cronJob("mine", "concurrencyPolicy: Forbid", "");
        namespace.create(
                "jobs",
                """
                apiVersion: batch/v1
                kind: Job
                metadata:
                  name: by-hand
                  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: mine, uid: %s, controller: true}]
                spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}
                """
                        .formatted(text(namespace.get("cronjobs", "mine"), "/metadata/uid")));
        namespace.awaitEvent(
                "mine",
                "UnexpectedJob",
                "Saw a job that the controller did not create or forgot: by-hand");
        // it is none of those that may not run beside another
        letStart("mine", 3);
        awaitJobs("mine", jobName("mine", 3));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.get("cronjobs", "mine").at("/status/active"))
                                .singleElement()
                                .satisfies(a ->
                                        assertThat(text(a, "/name"))
                                                .isEqualTo(jobName("mine", 3))));
        namespace.delete("jobs", jobName("mine", 3), "Background");
        namespace.awaitEvent(
                "mine", "MissingJob", "Active job went missing: " + jobName("mine", 3));
        namespace.awaitField("cronjobs", "mine", "/status/active", "");
    }

    @Test
    void tellsOfATimeThatNeverComes() {
        cronJob("never", "", "");
        namespace.merge("cronjobs", "never", "{\"spec\":{\"schedule\":\"59 23 31 2 *\"}}");
        namespace.awaitEvent(
                "never",
                "InvalidSchedule",
                "invalid schedule: 59 23 31 2 * : time difference between two schedules is less"
                        + " than 1 second");
    }

    @Test
    void tellsOfManyTimesThatWereMissed() {
        cronJob("slept", "", "");
        namespace.mergeStatus(
                "cronjobs",
                "slept",
                "{\"status\":{\"lastScheduleTime\":\"%s\"}}"
                        .formatted(minute.minus(Duration.ofHours(2))));
        namespace.merge("cronjobs", "slept", "{\"spec\":{\"schedule\":\"* * * * *\"}}");
        namespace.awaitEvent("slept", "TooManyMissedTimes", "too many missed start times.");
        Await.until(PATIENCE, () -> assertThat(jobs("slept")).isNotEmpty());
        namespace.merge("cronjobs", "slept", "{\"spec\":{\"suspend\":true}}");
    }

    @Test
    void takesJobsAndPodsAlong() {
        cronJob("gone", "", "");
        letStart("gone", 3);
        awaitJobs("gone", jobName("gone", 3));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.list("pods", "job-name=" + jobName("gone", 3)))
                                .hasSize(1));
        namespace.delete("cronjobs", "gone", "Background");
        awaitJobs("gone");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.list("pods", "job-name=" + jobName("gone", 3)))
                                .isEmpty());
    }

    @Test
    void servesEveryVerb() {
        ApiOperations.of(namespace, "cronjobs")
                .check(
                        """
                        apiVersion: batch/v1
                        kind: CronJob
                        spec:
                          schedule: "0 0 29 2 *"
                          suspend: true
                          jobTemplate:
                            spec:
                              template:
                                spec: {restartPolicy: Never, containers: [{name: c, image: x}]}
                        """,
                        "{\"lastScheduleTime\":\"2026-01-01T00:00:00Z\"}");
    }
}
