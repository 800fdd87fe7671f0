package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Replicas that follow what pods really use. */
@ResourceLock(Cluster.HOST)
class AutoscalerIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Cluster cluster = Cluster.with("--proxy", "nftables");
    private final String namespace = cluster.newNamespace("autoscale");

    @Test
    void followsTheUseOfPods() {
        deployment(
                "busy", "while true; do true; done", "requests: {cpu: 50m}, limits: {cpu: 200m}");
        deployment("idle", "exec sleep infinity", "requests: {cpu: 50m, memory: 1Gi}");
        deployment("careless", "exec sleep infinity", "");
        run("autoscale", "deployment", "busy", "--cpu-percent=50", "--min=1", "--max=3");
        run("autoscale", "deployment", "careless", "--cpu-percent=50", "--max=3");
        cluster.apply(
                namespace,
                """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: idle}
                spec:
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: idle}
                  minReplicas: 2
                  maxReplicas: 5
                  behavior: {scaleUp: {policies: [{type: Pods, value: 2, periodSeconds: 600}]}}
                  metrics:
                  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1k}}}
                  - {type: Pods, pods: {metric: {name: requests}, target: {type: AverageValue, averageValue: 1}}}
                """);

        awaitReplicas("idle", "3");
        assertThat(condition("idle", "ScalingLimited")).startsWith("True ScaleUpLimit");
        assertThat(run("describe", "hpa", "idle"))
                .contains(
                        "New size: 2; reason: Current number of replicas below Spec.MinReplicas",
                        "New size: 3; reason: memory resource above target",
                        "unable to get metric requests");

        Await.until(
                PATIENCE,
                () ->
                        assertThat(condition("careless", "ScalingActive"))
                                .startsWith("False FailedGetResourceMetric")
                                .contains(
                                        "missing request for cpu in container main of Pod careless-"));

        run("autoscale", "deployment", "careless", "--name=rival", "--cpu-percent=50", "--max=3");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(condition("rival", "ScalingActive"))
                                .startsWith("False AmbiguousSelector")
                                .contains("are controlled by multiple HPAs"));

        awaitReplicas("busy", "3");
        // the target is scaled first, then the status is written
        Await.until(
                PATIENCE,
                () ->
                        assertThat(run("get", "hpa", "busy", "--no-headers"))
                                .containsPattern(
                                        "Deployment/busy +cpu: [1-9][0-9]{2}%/50% +1 +3 "));
        assertThat(condition("busy", "ScalingActive")).startsWith("True ValidMetricFound");
        assertThat(run("describe", "hpa", "busy"))
                .contains("cpu resource utilization (percentage of request) above target");
        assertThat(run("top", "pod", "-l", "app=busy", "--no-headers")).containsPattern("[0-9]+m ");
    }

    private void deployment(String name, String script, String resources) {
        cluster.apply(
                namespace,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec:
                      terminationGracePeriodSeconds: 0
                      containers:
                      - {name: main, image: coracle/host, command: [sh, -c, "%2$s"], resources: {%3$s}}
                """
                        .formatted(name, script, resources));
    }

    private void awaitReplicas(String name, String replicas) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "deployment/" + name, "{.spec.replicas}"))
                                .isEqualTo(replicas));
    }

    private String condition(String name, String type) {
        String one = "{.status.conditions[?(@.type==\"" + type + "\")]";
        return cluster.get(
                namespace,
                "hpa/" + name,
                one + ".status} " + one + ".reason} " + one + ".message}");
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return cluster.kubectl(all).orFail();
    }
}
