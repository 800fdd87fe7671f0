package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.nameOf;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Jobs in a namespace of their own; the test says how pods end. */
final class PlayedJobs {

    private final NamespaceApi namespace = NamespaceApi.create("job");

    NamespaceApi namespace() {
        return namespace;
    }

    /** A Job whose pods end with {@code exit}, or run if it is empty. */
    static String job(String name, String spec, String exit) {
        return """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: %s}
        spec:
          %s
          template:
            metadata: {annotations: {played/exit-code: "%s"}}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers: [{name: c, image: x}]
        """
                .formatted(name, spec.replace("\n", "\n  "), exit);
    }

    List<JsonNode> pods(String job) {
        return namespace.list("pods", "job-name=" + job);
    }

    List<JsonNode> awaitRunning(String job, int count) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(pods(job))
                                .filteredOn(pod -> text(pod, "/status/phase").equals("Running"))
                                .hasSize(count));
        return pods(job);
    }

    void end(JsonNode pod, int exit) {
        namespace.merge(
                "pods",
                nameOf(pod),
                "{\"metadata\":{\"annotations\":{\"played/exit-code\":\"%d\"}}}".formatted(exit));
    }
}
