package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a running server says of its control loops and its scheduler, for Prometheus. */
class ControllerMetricsIT {

    private final NamespaceApi namespace = NamespaceApi.create("measured");

    private String metrics() {
        try {
            return namespace.client().exchange("GET", "/metrics", Map.of(), new byte[0]).body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void pod(String name, String spec) {
        namespace.create(
                "pods",
                "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {containers: [{name: c, image: x}], %s}}"
                        .formatted(name, spec));
    }

    @Test
    void haveUpstreamsNames() {
        pod("placed", "");
        pod("nowhere", "nodeSelector: {no: node}");
        pod("gated", "schedulingGates: [{name: example.com/later}]");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(metrics())
                                .containsPattern(
                                        "scheduler_schedule_attempts_total\\{profile=\"default-scheduler\",result=\"scheduled\"} [1-9]")
                                .containsPattern(
                                        "scheduler_schedule_attempts_total\\{profile=\"default-scheduler\",result=\"unschedulable\"} [1-9]")
                                .containsPattern("scheduler_pending_pods\\{queue=\"gated\"} [1-9]")
                                .containsPattern(
                                        "scheduler_pending_pods\\{queue=\"unschedulable\"} [0-9]")
                                .containsPattern(
                                        "scheduler_pod_scheduling_sli_duration_seconds_bucket\\{attempts=\"1\",le=\"0.01\"} [0-9]")
                                .containsPattern(
                                        "scheduler_pod_scheduling_sli_duration_seconds_count\\{attempts=\"1\"} [1-9]")
                                .containsPattern(
                                        "scheduler_scheduling_attempt_duration_seconds_count\\{profile=\"default-scheduler\",result=\"scheduled\"} [1-9]"));
        String all = metrics();
        for (String queue :
                new String[] {
                    "deployment",
                    "replicaset",
                    "replicationmanager",
                    "endpoint_slice",
                    "garbage_collector_attempt_to_delete",
                    "node_lifecycle_controller"
                }) {
            assertThat(all)
                    .contains("workqueue_depth{name=\"" + queue + "\"}")
                    .contains("workqueue_adds_total{name=\"" + queue + "\"}")
                    .contains("workqueue_retries_total{name=\"" + queue + "\"}")
                    .contains("workqueue_queue_duration_seconds_count{name=\"" + queue + "\"}")
                    .contains("workqueue_work_duration_seconds_count{name=\"" + queue + "\"}")
                    .contains("workqueue_unfinished_work_seconds{name=\"" + queue + "\"}");
        }
    }
}
