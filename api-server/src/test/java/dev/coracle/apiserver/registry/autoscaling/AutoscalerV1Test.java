package dev.coracle.apiserver.registry.autoscaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.node.ObjectNode;

/** The two forms of a HorizontalPodAutoscaler. */
class AutoscalerV1Test {

    private static final String EVERYTHING =
            """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: h, annotations: {a: b}}
            spec:
              scaleTargetRef: {kind: Deployment, name: web}
              minReplicas: 1
              maxReplicas: 9
              metrics:
              - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 10Mi}}}
              - {type: ContainerResource, containerResource: {name: cpu, container: c, target: {type: Utilization, averageUtilization: 7}}}
              - {type: Pods, pods: {metric: {name: m, selector: {matchLabels: {x: y}}}, target: {type: AverageValue, averageValue: "3"}}}
              - {type: Object, object: {describedObject: {kind: Ingress, name: i}, metric: {name: m}, target: {type: Value, value: "3"}}}
              - {type: External, external: {metric: {name: m, selector: {matchLabels: {x: y}}}, target: {type: Value, value: "3"}}}
              - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
              behavior: {scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 20}], selectPolicy: Max}}
            status:
              currentReplicas: 2
              desiredReplicas: 3
              currentMetrics:
              - {type: Resource, resource: {name: memory, current: {averageValue: 9Mi}}}
              - {type: Resource, resource: {name: cpu, current: {averageUtilization: 40}}}
              conditions: [{type: AbleToScale, status: "True"}]
            """;

    private final AutoscalerV1 conversion = new AutoscalerV1();

    @Test
    void losesNothingOnTheWayThereAndBack() {
        ApiObject served = conversion.toServed(object(EVERYTHING));
        assertThat(conversion.toStored(served).tree()).isEqualTo(object(EVERYTHING).tree());
    }

    @Test
    void keepsWhatV1HasNoFieldForInAnnotations() {
        ApiObject served = conversion.toServed(object(EVERYTHING));
        assertThat(served.text("spec.targetCPUUtilizationPercentage")).isEqualTo("50");
        assertThat(served.text("status.currentCPUUtilizationPercentage")).isEqualTo("40");
        assertThat(served.annotations().get("autoscaling.alpha.kubernetes.io/metrics"))
                .contains(
                        "{\"type\":\"Object\",\"object\":{\"target\":{\"kind\":\"Ingress\",\"name\":\"i\"},\"metricName\":\"m\",\"targetValue\":\"3\"}}");
        assertThat(served.at("spec").propertyNames())
                .containsExactlyInAnyOrder(
                        "scaleTargetRef",
                        "minReplicas",
                        "maxReplicas",
                        "targetCPUUtilizationPercentage");
    }

    @Test
    void ignoresAnAnnotationThatIsNoJson() {
        ApiObject served =
                object(
                        "{metadata: {annotations: {autoscaling.alpha.kubernetes.io/metrics: '['}},"
                                + " spec: {maxReplicas: 1}}");
        assertThat(conversion.toStored(served).tree().toString())
                .isEqualTo(
                        "{\"metadata\":{},\"spec\":{\"maxReplicas\":1},\"apiVersion\":\"autoscaling/v2\"}");
    }

    private static ApiObject object(String yaml) {
        ObjectNode tree = Json.MAPPER.valueToTree(new Yaml().load(yaml));
        return new ApiObject(tree);
    }
}
