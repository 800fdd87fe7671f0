package dev.coracle.apiserver.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.node.ObjectNode;

/** What a client asks of a pod, and what the kubelet is asked then. */
class PodRequestTest {

    private static final String ONE = "[{\"name\": \"c\"}]";
    private static final String TWO = "[{\"name\": \"c\"}, {\"name\": \"d\"}]";

    private static String uri(
            Subresource subresource, String node, String containers, String query) {
        String json =
                """
                {"metadata": {"name": "p", "namespace": "ns"},
                 "spec": {"nodeName": "%s", "containers": %s, "initContainers": [{"name": "i"}]}}
                """
                        .formatted(node, containers);
        ObjectNode pod = (ObjectNode) Json.MAPPER.readTree(json);
        return new PodRequest(
                        subresource,
                        new ApiObject(pod),
                        UriComponentsBuilder.fromUriString("?" + query).build().getQueryParams())
                .uri();
    }

    static Stream<Arguments> asked() {
        return Stream.of(
                argumentSet("the only log", Subresource.LOG, ONE, "", "/containerLogs/ns/p/c"),
                argumentSet(
                        "a log of two",
                        Subresource.LOG,
                        TWO,
                        "container=d&follow=true&tailLines=3&pretty=true",
                        "/containerLogs/ns/p/d?follow=true&tailLines=3"),
                argumentSet(
                        "an init container",
                        Subresource.LOG,
                        TWO,
                        "container=i",
                        "/containerLogs/ns/p/i"),
                argumentSet(
                        "a command",
                        Subresource.EXEC,
                        ONE,
                        "command=ls&command=a%26b&stdin=true&stdout=true&stderr=true",
                        "/exec/ns/p/c?input=1&output=1&error=1&command=ls&command=a%2526b"),
                argumentSet(
                        "a terminal has no errors of its own",
                        Subresource.ATTACH,
                        ONE,
                        "stdin=true&stdout=true&stderr=true&tty=true",
                        "/attach/ns/p/c?input=1&output=1&tty=1"),
                argumentSet(
                        "ports",
                        Subresource.PORT_FORWARD,
                        TWO,
                        "ports=80&ports=81",
                        "/portForward/ns/p?port=80&port=81"));
    }

    @ParameterizedTest
    @MethodSource("asked")
    void asksTheKubelet(Subresource subresource, String containers, String query, String uri) {
        assertThat(uri(subresource, "node", containers, query)).isEqualTo(uri);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                argumentSet(
                        "no name among several",
                        Subresource.LOG,
                        "node",
                        TWO,
                        "",
                        "a container name must be specified for pod p, choose one of: [i c d]"),
                argumentSet(
                        "another name",
                        Subresource.EXEC,
                        "node",
                        ONE,
                        "container=x",
                        "container x is not valid for pod p"),
                argumentSet(
                        "a pod without a node",
                        Subresource.EXEC,
                        "",
                        ONE,
                        "",
                        "pod p does not have a host assigned"),
                argumentSet(
                        "a negative tail",
                        Subresource.LOG,
                        "node",
                        ONE,
                        "tailLines=-1",
                        "tailLines: Invalid value: -1: must be greater than or equal to 0"),
                argumentSet(
                        "no bytes",
                        Subresource.LOG,
                        "node",
                        ONE,
                        "limitBytes=0",
                        "limitBytes: Invalid value: 0: must be greater than 0"),
                argumentSet(
                        "two times",
                        Subresource.LOG,
                        "node",
                        ONE,
                        "sinceSeconds=1&sinceTime=2024-01-01T00:00:00Z",
                        "at most one of `sinceTime` or `sinceSeconds` may be specified"),
                argumentSet(
                        "no number", Subresource.LOG, "node", ONE, "tailLines=x", "invalid syntax"),
                argumentSet(
                        "one stream only",
                        Subresource.LOG,
                        "node",
                        ONE,
                        "stream=Stdout",
                        "the parameter stream"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(
            Subresource subresource, String node, String containers, String query, String message) {
        assertThatThrownBy(() -> uri(subresource, node, containers, query))
                .hasMessageContaining(message);
    }
}
