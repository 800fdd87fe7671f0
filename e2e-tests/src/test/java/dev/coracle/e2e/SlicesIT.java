package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Endpoints and EndpointSlices, with what Kubernetes' own tests of sig-network look at. */
class SlicesIT {

    private final NamespaceApi namespace = NamespaceApi.create("slice");

    private List<JsonNode> slices(String service) {
        return namespace.list("endpointslices", "kubernetes.io/service-name=" + service);
    }

    private void service(String name, String spec) {
        namespace.create(
                "services",
                "{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: {%s}}"
                        .formatted(name, spec));
    }

    private String pod(String name, String labels, String port) {
        namespace.create(
                "pods",
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {%s}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: c, image: x, ports: [{name: example-name, containerPort: %s}]}]
                """
                        .formatted(name, labels, port));
        namespace.awaitField("pods", name, "/status/phase", "Running");
        String ip = "10.244.77." + (100 + name.hashCode() % 50);
        namespace.mergeStatus(
                "pods",
                name,
                "{\"status\":{\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%s\"}]}}".formatted(ip, ip));
        return ip;
    }

    @Test
    void pointsToTheApiServer() {
        JsonNode endpoints =
                namespace.ok(
                        "GET",
                        "/api/v1/namespaces/default/endpoints/kubernetes",
                        "application/json",
                        "");
        JsonNode slice =
                namespace.ok(
                        "GET",
                        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
                        "application/json",
                        "");
        assertThat(text(slice, "/metadata/labels/kubernetes.io~1service-name"))
                .isEqualTo("kubernetes");
        assertThat(text(slice, "/endpoints/0/addresses/0"))
                .isEqualTo(text(endpoints, "/subsets/0/addresses/0/ip"));
        assertThat(text(slice, "/ports/0/port"))
                .isEqualTo(text(endpoints, "/subsets/0/ports/0/port"));
        assertThat(text(slice, "/ports/0/name")).isEqualTo("https");
    }

    @Test
    void makesAndRemovesThemWithTheService() {
        service(
                "empty",
                "selector: {does-not-match-anything: endpoints}, ports: [{name: p, port: 80}]");
        namespace.awaitExists("endpoints", "empty");
        Await.until(PATIENCE, () -> assertThat(slices("empty")).hasSize(1));
        assertThat(namespace.get("endpoints", "empty").at("/subsets")).isEmpty();
        JsonNode slice = slices("empty").getFirst();
        assertThat(text(slice, "/metadata/labels/endpointslice.kubernetes.io~1managed-by"))
                .isEqualTo("endpointslice-controller.k8s.io");
        assertThat(slice.at("/endpoints")).isEmpty();
        assertThat(text(slice, "/metadata/ownerReferences/0"))
                .contains("\"kind\":\"Service\"", "\"name\":\"empty\"", "\"controller\":true");
        namespace.delete("services", "empty", "");
        namespace.awaitGone("endpoints", "empty");
        Await.until(PATIENCE, () -> assertThat(slices("empty")).isEmpty());
    }

    @Test
    void followsPods() {
        String one = pod("pod1", "foo: bar1, example: set", "3000");
        String two = pod("pod2", "foo: bar2, example: set", "3001");
        service(
                "one",
                "publishNotReadyAddresses: true, selector: {foo: bar1}, ports: [{name: example, port: 80, targetPort: 3000}]");
        service(
                "named",
                "publishNotReadyAddresses: true, selector: {example: set}, ports: [{name: http, port: 80, targetPort: example-name}]");
        service(
                "none",
                "publishNotReadyAddresses: true, selector: {none: none}, ports: [{name: example, port: 80, targetPort: 8080}]");

        Await.until(
                PATIENCE,
                () ->
                        assertThat(slices("one"))
                                .singleElement()
                                .satisfies(slice -> assertThat(slice.at("/endpoints")).hasSize(1)));
        JsonNode endpoint = slices("one").getFirst().at("/endpoints/0");
        assertThat(text(endpoint, "/addresses/0")).isEqualTo(one);
        assertThat(text(endpoint, "/conditions"))
                .contains("\"ready\":true", "\"serving\":true", "\"terminating\":false");
        JsonNode pod = namespace.get("pods", "pod1");
        assertThat(text(endpoint, "/targetRef/kind")).isEqualTo("Pod");
        assertThat(text(endpoint, "/targetRef/name")).isEqualTo("pod1");
        assertThat(text(endpoint, "/targetRef/namespace")).isEqualTo(namespace.name());
        assertThat(text(endpoint, "/targetRef/uid")).isEqualTo(text(pod, "/metadata/uid"));
        assertThat(text(endpoint, "/nodeName")).isEqualTo(text(pod, "/spec/nodeName"));
        assertThat(text(slices("one").getFirst(), "/ports"))
                .contains("\"name\":\"example\"", "\"port\":3000", "\"protocol\":\"TCP\"");
        Await.until(
                PATIENCE,
                () -> assertThat(namespace.get("endpoints", "one").at("/subsets")).hasSize(1));

        Await.until(PATIENCE, () -> assertThat(slices("named")).hasSize(2));
        assertThat(slices("named").stream().map(slice -> text(slice, "/ports/0/port")))
                .containsExactlyInAnyOrder("3000", "3001");
        Await.until(
                PATIENCE,
                () -> assertThat(namespace.get("endpoints", "named").at("/subsets")).hasSize(2));
        assertThat(text(namespace.get("endpoints", "named"), "/subsets")).contains(one, two);
        assertThat(slices("none"))
                .singleElement()
                .satisfies(slice -> {
                    assertThat(slice.at("/endpoints")).isEmpty();
                    assertThat(slice.at("/ports")).isEmpty();
                });

        namespace.ok(
                "DELETE",
                namespace.path("endpointslices")
                        + "?labelSelector=kubernetes.io/service-name=named",
                "application/json",
                "{}");
        Await.until(PATIENCE, () -> assertThat(slices("named")).hasSize(2));
        assertThat(slices("named")).allSatisfy(s -> assertThat(s.at("/endpoints")).hasSize(1));
        namespace.delete("endpoints", "named", "");
        namespace.awaitExists("endpoints", "named");
    }

    @Test
    void mirrorsEndpointsOfOthers() {
        service("custom", "ports: [{name: example, port: 80, protocol: TCP}]");
        namespace.create(
                "endpoints",
                """
                apiVersion: v1
                kind: Endpoints
                metadata: {name: custom}
                subsets: [{ports: [{port: 80}], addresses: [{ip: 10.1.2.3}]}]
                """);
        awaitMirrored("80 10.1.2.3 endpointslicemirroring-controller.k8s.io");
        namespace.merge(
                "endpoints",
                "custom",
                "{\"subsets\":[{\"ports\":[{\"port\":81}],\"addresses\":[{\"ip\":\"10.2.3.4\"}]}]}");
        awaitMirrored("81 10.2.3.4 endpointslicemirroring-controller.k8s.io");
        namespace.delete("endpoints", "custom", "");
        Await.until(PATIENCE, () -> assertThat(slices("custom")).isEmpty());
    }

    private void awaitMirrored(String expected) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(slices("custom"))
                                .singleElement()
                                .satisfies(slice ->
                                        assertThat(
                                                        text(slice, "/ports/0/port")
                                                                + " "
                                                                + text(
                                                                        slice,
                                                                        "/endpoints/0/addresses/0")
                                                                + " "
                                                                + text(
                                                                        slice,
                                                                        "/metadata/labels/endpointslice.kubernetes.io~1managed-by"))
                                                .isEqualTo(expected)));
    }

    @Test
    void servesEveryVerb() {
        ApiOperations.of(namespace, "endpointslices")
                .check(
                        """
                        apiVersion: discovery.k8s.io/v1
                        kind: EndpointSlice
                        addressType: IPv4
                        endpoints: [{addresses: [1.2.3.4, 5.6.7.8]}]
                        """,
                        "");
        ApiOperations.of(namespace, "endpoints")
                .check(
                        """
                        apiVersion: v1
                        kind: Endpoints
                        subsets: [{addresses: [{ip: 10.0.0.24}], ports: [{name: http, port: 80}]}]
                        """,
                        "");
    }
}
