package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CronJobs by the clock. There are no nodes: the test says when a Job is complete. */
class CronJobIT {

    private final ApiServer server = ApiServer.shared();
    private final String namespace = server.newNamespace("cron");

    @Test
    void makesAJobEachMinuteUnlessTheLastOneRuns() throws IOException {
        Path file = server.data().resolve(namespace + ".yaml");
        Files.writeString(
                file,
                """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: tick}
                spec:
                  schedule: "* * * * *"
                  timeZone: Europe/Prague
                  concurrencyPolicy: Forbid
                  jobTemplate:
                    metadata: {labels: {app: tick}}
                    spec:
                      template:
                        spec:
                          restartPolicy: Never
                          containers: [{name: main, image: coracle/host}]
                """);
        run("create", "-f", file.toString());
        Await.until(Duration.ofSeconds(90), () -> assertThat(jobs()).hasSize(1));
        String first = jobs().getFirst();
        assertThat(first).matches("job.batch/tick-\\d{8}");
        assertThat(run("get", first, "-o", "jsonpath={.metadata.annotations}"))
                .matches(".*cronjob-scheduled-timestamp\":\"20\\d\\d-.*:00\\+0[12]:00\"}");
        assertThat(run("get", "cronjob/tick", "--no-headers")).contains("Europe/Prague", " 1 ");
        Await.until(
                Duration.ofSeconds(90),
                () ->
                        assertThat(run("describe", "cronjob/tick"))
                                .contains("Not starting job because prior execution is running"));
        assertThat(jobs()).containsExactly(first);
        Instant end = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        run(
                "patch",
                first,
                "--subresource=status",
                "-p",
                """
                {"status":{"completionTime":"%s","active":0,"ready":0,"terminating":0,
                "conditions":[{"type":"SuccessCriteriaMet","status":"True"},
                {"type":"Complete","status":"True"}]}}
                """
                        .formatted(end));
        Await.until(
                Duration.ofSeconds(90),
                () ->
                        assertThat(run("describe", "cronjob/tick"))
                                .contains("Saw completed job: tick-", "Created job tick-"));
        assertThat(run("get", "cronjob/tick", "-o", "jsonpath={.status.lastSuccessfulTime}"))
                .isEqualTo(end.toString());
    }

    private List<String> jobs() {
        return run("get", "jobs", "-l", "app=tick", "-o", "name").lines().toList();
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return server.kubectl(all).orFail();
    }
}
