package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.NamespaceApi.Answer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * ResourceQuotas and LimitRanges, with what Kubernetes' own tests of sig-api-machinery and
 * sig-scheduling look at.
 */
class QuotasIT {

    private final NamespaceApi namespace = NamespaceApi.create("quota");

    private void quota(String name, String spec) {
        namespace.create(
                "resourcequotas",
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: %s}, spec: {%s}}"
                        .formatted(name, spec));
    }

    private void awaitUsed(String quota, String resource, String used) {
        namespace.awaitField(
                "resourcequotas", quota, "/status/used/" + resource.replace("/", "~1"), used);
    }

    private static String pod(String name, String spec, String requests, String limits) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          terminationGracePeriodSeconds: 0
          %s
          containers: [{name: c, image: x, resources: {requests: {%s}, limits: {%s}}}]
        """
                .formatted(name, spec, requests, limits);
    }

    @Test
    void countsAPodsLife() {
        quota(
                "pods",
                "hard: {pods: '5', cpu: '1', memory: 500Mi, ephemeral-storage: 50Gi,"
                        + " requests.example.com/dongle: '3'}");
        awaitUsed("pods", "pods", "0");
        String dongles =
                "cpu: 500m, memory: 252Mi, ephemeral-storage: 30Gi, example.com/dongle: '2'";
        namespace.create("pods", pod("life", "", dongles, "example.com/dongle: '2'"));
        awaitUsed("pods", "pods", "1");
        awaitUsed("pods", "cpu", "500m");
        awaitUsed("pods", "memory", "252Mi");
        awaitUsed("pods", "ephemeral-storage", "30Gi");
        awaitUsed("pods", "requests.example.com/dongle", "2");
        Answer refused =
                namespace.tryCreate(
                        "pods",
                        pod("more", "", "cpu: 600m, memory: 100Mi, ephemeral-storage: 1Gi", ""));
        assertThat(refused.code()).isEqualTo(403);
        assertThat(refused.message())
                .isEqualTo(
                        "pods \"more\" is forbidden: exceeded quota: pods, requested: cpu=600m,"
                                + " used: cpu=500m, limited: cpu=1");
        assertThat(
                        namespace
                                .tryCreate(
                                        "pods",
                                        pod(
                                                "dongles",
                                                "",
                                                dongles.replace("500m", "1m")
                                                        .replace("252", "1")
                                                        .replace("30Gi", "1Gi"),
                                                "example.com/dongle: '2'"))
                                .message())
                .contains("requested: requests.example.com/dongle=2");
        Answer changed =
                namespace.send(
                        "PATCH",
                        namespace.path("pods") + "/life",
                        NamespaceApi.STRATEGIC,
                        "{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":{\"cpu\":\"100m\"}}}]}}");
        assertThat(changed.code()).isEqualTo(422);
        awaitUsed("pods", "cpu", "500m");
        namespace.delete("pods", "life", "");
        awaitUsed("pods", "pods", "0");
        awaitUsed("pods", "cpu", "0");
        awaitUsed("pods", "requests.example.com/dongle", "0");
    }

    @Test
    void countsOtherLives() {
        quota(
                "objects",
                """
                hard: {configmaps: '10', secrets: '10', replicationcontrollers: '10',
                 services: '10', services.nodeports: '1', services.loadbalancers: '1',
                 count/replicasets.apps: '5', resourcequotas: '10'}\
                """);
        awaitUsed("objects", "services", "0");
        namespace.awaitExists("configmaps", "kube-root-ca.crt");
        awaitUsed("objects", "configmaps", "1");
        namespace.create("configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        awaitUsed("objects", "configmaps", "2");
        namespace.create("secrets", "{apiVersion: v1, kind: Secret, metadata: {name: a}}");
        awaitUsed("objects", "secrets", "1");
        String template =
                "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}";
        namespace.create(
                "replicationcontrollers",
                "{apiVersion: v1, kind: ReplicationController, metadata: {name: a}, spec: {replicas: 0, selector: {a: b}, %s}}"
                        .formatted(template));
        awaitUsed("objects", "replicationcontrollers", "1");
        namespace.create(
                "replicasets",
                "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: a}, spec: {replicas: 0, selector: {matchLabels: {a: b}}, %s}}"
                        .formatted(template));
        awaitUsed("objects", "count/replicasets.apps", "1");
        service("clusterip", "type: ClusterIP");
        service("nodeport", "type: NodePort");
        awaitUsed("objects", "services", "2");
        awaitUsed("objects", "services.nodeports", "1");
        Answer refused =
                namespace.tryCreate(
                        "services",
                        "{apiVersion: v1, kind: Service, metadata: {name: lb}, spec: {type: LoadBalancer, ports: [{port: 80}]}}");
        assertThat(refused.code()).isEqualTo(403);
        service("lb", "type: LoadBalancer, allocateLoadBalancerNodePorts: false");
        awaitUsed("objects", "services.loadbalancers", "1");
        for (String plural :
                new String[] {"configmaps", "secrets", "replicationcontrollers", "replicasets"}) {
            namespace.delete(plural, "a", "");
        }
        for (String name : new String[] {"clusterip", "nodeport", "lb"}) {
            namespace.delete("services", name, "");
        }
        awaitUsed("objects", "configmaps", "1");
        awaitUsed("objects", "secrets", "0");
        awaitUsed("objects", "replicationcontrollers", "0");
        awaitUsed("objects", "count/replicasets.apps", "0");
        awaitUsed("objects", "services", "0");
        awaitUsed("objects", "services.nodeports", "0");
        awaitUsed("objects", "services.loadbalancers", "0");
    }

    private void service(String name, String spec) {
        namespace.create(
                "services",
                "{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: {%s, ports: [{port: 80}]}}"
                        .formatted(name, spec));
    }

    @Test
    void looksAtScopes() {
        quota("besteffort", "hard: {pods: '5'}, scopes: [BestEffort]");
        quota("notbesteffort", "hard: {pods: '5'}, scopes: [NotBestEffort]");
        quota("terminating", "hard: {pods: '5'}, scopes: [Terminating]");
        quota("notterminating", "hard: {pods: '5'}, scopes: [NotTerminating]");
        for (String name :
                new String[] {"besteffort", "notbesteffort", "terminating", "notterminating"}) {
            awaitUsed(name, "pods", "0");
        }
        namespace.create("pods", pod("loose", "", "", ""));
        awaitUsed("besteffort", "pods", "1");
        awaitUsed("notterminating", "pods", "1");
        namespace.create("pods", pod("bound", "activeDeadlineSeconds: 3600", "cpu: 1m", "cpu: 2m"));
        awaitUsed("notbesteffort", "pods", "1");
        awaitUsed("terminating", "pods", "1");
        awaitUsed("besteffort", "pods", "1");
        awaitUsed("notterminating", "pods", "1");
        namespace.delete("pods", "loose", "");
        namespace.delete("pods", "bound", "");
        for (String name :
                new String[] {"besteffort", "notbesteffort", "terminating", "notterminating"}) {
            awaitUsed(name, "pods", "0");
        }
    }

    @Test
    void restoresItsStatus() {
        quota("status", "hard: {cpu: 500m, memory: 500Mi}");
        namespace.awaitField("resourcequotas", "status", "/status/hard/cpu", "500m");
        JsonNode patched =
                namespace.mergeStatus(
                        "resourcequotas",
                        "status",
                        "{\"metadata\":{\"annotations\":{\"patched\":\"true\"}},\"status\":{\"hard\":{\"cpu\":\"750m\",\"memory\":\"250Mi\"}}}");
        assertThat(text(patched, "/status/hard/cpu")).isEqualTo("750m");
        assertThat(text(patched, "/metadata/annotations/patched")).isEqualTo("true");
        namespace.awaitField("resourcequotas", "status", "/status/hard/cpu", "500m");
        namespace.awaitField("resourcequotas", "status", "/status/hard/memory", "500Mi");
        namespace.merge("resourcequotas", "status", "{\"spec\":{\"hard\":{\"cpu\":\"1\"}}}");
        namespace.awaitField("resourcequotas", "status", "/status/hard/cpu", "1");
        namespace.delete("resourcequotas", "status", "");
        assertThat(namespace.exists("resourcequotas", "status")).isFalse();
    }

    @Test
    void givesPodsTheirLimits() {
        NamespaceApi ranged = NamespaceApi.create("ranged");
        ranged.create(
                "limitranges",
                """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: range}
                spec:
                  limits:
                  - type: Container
                    min: {cpu: 50m, memory: 100Mi, ephemeral-storage: 100Gi}
                    max: {cpu: 500m, memory: 500Mi, ephemeral-storage: 500Gi}
                    default: {cpu: 500m, memory: 500Mi, ephemeral-storage: 500Gi}
                    defaultRequest: {cpu: 100m, memory: 200Mi, ephemeral-storage: 200Gi}
                """);
        JsonNode none = ranged.create("pods", pod("none", "", "", ""));
        assertThat(text(none, "/spec/containers/0/resources/requests"))
                .contains(
                        "\"cpu\":\"100m\"",
                        "\"memory\":\"200Mi\"",
                        "\"ephemeral-storage\":\"200Gi\"");
        assertThat(text(none, "/spec/containers/0/resources/limits"))
                .contains(
                        "\"cpu\":\"500m\"",
                        "\"memory\":\"500Mi\"",
                        "\"ephemeral-storage\":\"500Gi\"");
        assertThat(text(none, "/metadata/annotations/kubernetes.io~1limit-ranger"))
                .startsWith("LimitRanger plugin set: ");
        JsonNode partial =
                ranged.create(
                        "pods",
                        pod(
                                "partial",
                                "",
                                "cpu: 300m, memory: 150Mi",
                                "cpu: 300m, ephemeral-storage: 300Gi"));
        assertThat(text(partial, "/spec/containers/0/resources/requests"))
                .contains("\"cpu\":\"300m\"", "\"memory\":\"150Mi\"");
        assertThat(text(partial, "/spec/containers/0/resources/limits"))
                .contains(
                        "\"cpu\":\"300m\"",
                        "\"memory\":\"500Mi\"",
                        "\"ephemeral-storage\":\"300Gi\"");
        assertThat(ranged.tryCreate("pods", pod("small", "", "cpu: 10m", "")).code())
                .isEqualTo(403);
        assertThat(ranged.tryCreate("pods", pod("large", "", "", "cpu: 600m")).message())
                .contains("maximum cpu usage per Container is 500m, but limit is 600m");
        ranged.merge(
                "limitranges",
                "range",
                "{\"spec\":{\"limits\":[{\"type\":\"Container\",\"min\":{\"cpu\":\"9m\",\"memory\":\"9Mi\"}}]}}");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        ranged.tryCreate(
                                                        "pods",
                                                        pod(
                                                                "small",
                                                                "",
                                                                "cpu: 10m, memory: 10Mi",
                                                                ""))
                                                .code())
                                .isEqualTo(201));
        ranged.delete("limitranges", "range", "");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(ranged.tryCreate("pods", pod("free", "", "cpu: 5", "")).code())
                                .isEqualTo(201));
    }

    @Test
    void servesEveryVerb() {
        ApiOperations.of(namespace, "resourcequotas")
                .check(
                        """
                        apiVersion: v1
                        kind: ResourceQuota
                        spec: {hard: {count/leases.coordination.k8s.io: '5'}}
                        """,
                        "{\"used\":{\"count/leases.coordination.k8s.io\":\"3\"}}");
        ApiOperations.of(namespace, "limitranges")
                .check(
                        """
                        apiVersion: v1
                        kind: LimitRange
                        spec: {limits: [{type: Container, max: {example.com/none: '5'}}]}
                        """,
                        "");
    }
}
