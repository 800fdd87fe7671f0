package dev.coracle.apiserver.admission.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class UsageTest {

    private static final ResourceDefinition PODS = core("Pod", "pods");
    private static final ResourceDefinition SERVICES = core("Service", "services");
    private static final ResourceDefinition CLAIMS =
            core("PersistentVolumeClaim", "persistentvolumeclaims");

    private static ResourceDefinition core(String kind, String plural) {
        return ResourceDefinition.namespaced("", "v1", kind, plural, "io.k8s.api.core.v1." + kind);
    }

    private static ApiObject object(String json) {
        return new ApiObject((ObjectNode) Json.MAPPER.readTree(json));
    }

    private static final ApiObject POD =
            object(
                    """
                    {"spec":{
                      "initContainers":[
                        {"name":"sidecar","restartPolicy":"Always","resources":{"requests":{"cpu":"100m"}}},
                        {"name":"first","resources":{"requests":{"cpu":"2","memory":"10Mi"}}}],
                      "containers":[
                        {"name":"a","resources":{"requests":{"cpu":"500m","memory":"64Mi"},"limits":{"cpu":"1"}}},
                        {"name":"b","resources":{"requests":{"memory":"64Mi","example.com/toy":"2"}}}]},
                     "status":{"phase":"Running"}}
                    """);

    @Test
    void countsAPod() {
        assertThat(Amount.text(Usage.of(PODS, POD)))
                .isEqualTo(
                        "count/pods=1,cpu=2100m,limits.cpu=1,memory=128Mi,pods=1,requests.cpu=2100m,"
                                + "requests.example.com/toy=2,requests.memory=128Mi");
    }

    @Test
    void countsAPodThatHasEndedAsAnObjectOnly() {
        ApiObject ended = POD.copy();
        ended.status().put("phase", "Succeeded");

        assertThat(Amount.text(Usage.of(PODS, ended))).isEqualTo("count/pods=1");
    }

    @Test
    void saysWhatAPodLeavesOut() {
        assertThat(Usage.unsaid(POD, Set.of("pods", "limits.cpu", "memory")))
                .isEqualTo("must specify limits.cpu for: b,first,sidecar; memory for: sidecar");
        assertThat(Usage.unsaid(POD, Set.of("pods", "requests.ephemeral-storage"))).isEmpty();
    }

    @Test
    void countsNodePortsOfServices() {
        String ports = "\"ports\":[{\"port\":1},{\"port\":2,\"nodePort\":30000}]";
        assertThat(Amount.text(Usage.of(SERVICES, object("{\"spec\":{" + ports + "}}"))))
                .isEqualTo("count/services=1,services=1");
        assertThat(
                        Amount.text(
                                Usage.of(
                                        SERVICES,
                                        object(
                                                "{\"spec\":{\"type\":\"NodePort\","
                                                        + ports
                                                        + "}}"))))
                .isEqualTo("count/services=1,services=1,services.nodeports=2");
        assertThat(
                        Amount.text(
                                Usage.of(
                                        SERVICES,
                                        object(
                                                "{\"spec\":{\"type\":\"LoadBalancer\",\"allocateLoadBalancerNodePorts\":false,"
                                                        + ports
                                                        + "}}"))))
                .isEqualTo(
                        "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1");
    }

    @Test
    void countsClaimsOfAClass() {
        ApiObject claim =
                object(
                        """
                        {"spec":{"storageClassName":"gold","resources":{"requests":{"storage":"1Gi"}}}}
                        """);
        assertThat(Amount.text(Usage.of(CLAIMS, claim)))
                .isEqualTo(
                        "count/persistentvolumeclaims=1,"
                                + "gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,"
                                + "gold.storageclass.storage.k8s.io/requests.storage=1Gi,"
                                + "persistentvolumeclaims=1,requests.storage=1Gi");
    }

    @ParameterizedTest
    @CsvSource({
        "pods, true",
        "count/pods, true",
        "cpu, true",
        "limits.memory, true",
        "requests.example.com/toy, true",
        "requests.hugepages-2Mi, true",
        "example.com/toy, false",
        "requests.storage, false",
        "services, false",
        "count/deployments.apps, false"
    })
    void knowsTheNamesOfPods(String name, boolean known) {
        assertThat(Usage.counts(PODS, name)).isEqualTo(known);
    }

    @ParameterizedTest
    @CsvSource({
        "Terminating, '', true",
        "NotTerminating, '', false",
        "BestEffort, '', false",
        "NotBestEffort, '', true",
        "PriorityClass, high, true",
        "PriorityClass, low, false",
        "CrossNamespacePodAffinity, '', false"
    })
    void looksAtScopes(String scope, String value, boolean included) {
        ApiObject pod =
                object(
                        """
                        {"spec":{"activeDeadlineSeconds":5,"priorityClassName":"high"},"status":{"qosClass":"Burstable"}}
                        """);
        ApiObject quota =
                object(
                        value.isEmpty()
                                ? "{\"spec\":{\"scopes\":[\"" + scope + "\"]}}"
                                : """
                                {"spec":{"scopeSelector":{"matchExpressions":[{"scopeName":"%s","operator":"In","values":["%s"]}]}}}
                                """
                                        .formatted(scope, value));
        assertThat(QuotaScopes.include(quota, PODS, pod)).isEqualTo(included);
        assertThat(QuotaScopes.include(quota, SERVICES, object("{}"))).isFalse();
    }
}
