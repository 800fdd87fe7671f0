package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What HorizontalPodAutoscalers say where nobody measures pods. */
class AutoscalerStatusIT {

    private final NamespaceApi namespace = NamespaceApi.create("hpa");

    private JsonNode autoscaler(String name, String target, String spec) {
        return namespace.create(
                "horizontalpodautoscalers",
                """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: %s}
                spec:
                  scaleTargetRef: %s
                  maxReplicas: 3
                  %s
                """
                        .formatted(name, target, spec));
    }

    private static String deployment(String name) {
        return "{apiVersion: apps/v1, kind: Deployment, name: %s}".formatted(name);
    }

    private void deploy(String name, int replicas) {
        namespace.create(
                "deployments",
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec: {containers: [{name: c, image: x}]}
                """
                        .formatted(name, replicas));
    }

    private String condition(String name, String type) {
        JsonNode found =
                NamespaceApi.condition(namespace.get("horizontalpodautoscalers", name), type);
        return text(found, "/status") + " " + text(found, "/reason");
    }

    private void awaitCondition(String name, String type, String expected) {
        Await.until(PATIENCE, () -> assertThat(condition(name, type)).isEqualTo(expected));
    }

    @Test
    void beginsWithZerosAndNulls() {
        JsonNode made = autoscaler("new", deployment("none"), "");
        assertThat(text(made, "/status"))
                .isEqualTo("{\"desiredReplicas\":0,\"currentMetrics\":null}");
        JsonNode old =
                namespace.ok(
                        "GET",
                        namespace
                                        .path("horizontalpodautoscalers")
                                        .replace("autoscaling/v2", "autoscaling/v1")
                                + "/new",
                        "application/json",
                        "");
        assertThat(text(old, "/status/currentReplicas") + text(old, "/status/desiredReplicas"))
                .isEqualTo("00");
        assertThat(old.at("/status").has("currentMetrics")).isFalse();
        // nothing is known of a target that is not there
        namespace.awaitEvent("new", "FailedGetScale", "deployments/scale.apps \"none\" not found");
        awaitCondition("new", "AbleToScale", "False FailedGetScale");
        assertThat(
                        namespace
                                .get("horizontalpodautoscalers", "new")
                                .at("/status/currentMetrics")
                                .isNull())
                .isTrue();
    }

    @Test
    void knowsNoKindOfThatName() {
        autoscaler("strange", "{apiVersion: apps/v1, kind: Nothing, name: none}", "");
        namespace.awaitEvent(
                "strange", "FailedGetScale", "no matches for kind \"Nothing\" in group \"apps\"");
    }

    @Test
    void saysThatItCannotMeasure() {
        deploy("blind", 1);
        autoscaler(
                "blind",
                deployment("blind"),
                "metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue,"
                        + " averageValue: 1k}}}]");
        String why =
                "failed to get memory usage: unable to get metrics for resource memory: no metrics"
                        + " returned from resource metrics API";
        namespace.awaitEvent("blind", "FailedGetResourceMetric", why);
        namespace.awaitEvent(
                "blind",
                "FailedComputeMetricsReplicas",
                "invalid metrics (1 invalid out of 1), first error is: failed to get memory"
                        + " resource metric value: "
                        + why);
        awaitCondition("blind", "ScalingActive", "False FailedGetResourceMetric");
        namespace.awaitField("horizontalpodautoscalers", "blind", "/status/currentReplicas", "1");
        namespace.awaitField(
                "horizontalpodautoscalers", "blind", "/status/currentMetrics", "[{\"type\":\"\"}]");
        assertThat(
                        PlayedCluster.shared()
                                .server()
                                .kubectl("-n", namespace.name(), "describe", "hpa", "blind")
                                .orFail())
                .contains("resource memory on pods:  <unknown> / 1k");
    }

    @Test
    void keepsToItsLimits() {
        deploy("few", 1);
        autoscaler("few", deployment("few"), "minReplicas: 2");
        namespace.awaitEvent(
                "few",
                "SuccessfulRescale",
                "New size: 2; reason: Current number of replicas below Spec.MinReplicas");
        namespace.awaitField("horizontalpodautoscalers", "few", "/status/desiredReplicas", "2");
        deploy("off", 0);
        autoscaler("off", deployment("off"), "");
        awaitCondition("off", "ScalingActive", "False ScalingDisabled");
        assertThat(text(namespace.get("horizontalpodautoscalers", "off"), "/status"))
                .contains("\"desiredReplicas\":0", "\"currentMetrics\":null")
                .doesNotContain("currentReplicas");
    }
}
