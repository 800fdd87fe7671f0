package dev.coracle.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProxyLocationsTest {

    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private final ProxyLocations locations = new ProxyLocations(cache, new Random(1), false);
    private long revision;

    private void put(String resource, String namespace, String name, String rest) {
        String json =
                "{\"metadata\": {\"name\": \"%s\", \"namespace\": \"%s\"}, %s}"
                        .formatted(name, namespace, rest);
        cache.accept(
                new Revision(
                        ++revision,
                        new ObjectKey(resource, new NamespacedName(namespace, name)),
                        false,
                        Json.MAPPER.writeValueAsBytes(Json.MAPPER.readTree(json))));
    }

    @BeforeEach
    void fill() {
        put(
                "pods",
                "ns",
                "web",
                """
                "spec": {"containers": [{}, {"ports": [{"containerPort": 8080}, {"containerPort": 1}]}]},
                "status": {"podIP": "10.244.1.2"}
                """);
        put("pods", "ns", "bare", "\"spec\": {}, \"status\": {\"podIP\": \"10.244.1.3\"}");
        put("pods", "ns", "waiting", "\"spec\": {}");
        put("pods", "ns", "loop", "\"status\": {\"podIP\": \"127.0.0.1\"}");
        put("services", "ns", "web", "\"spec\": {\"ports\": [{\"name\": \"http\", \"port\": 80}]}");
        put(
                "endpoints",
                "ns",
                "web",
                """
                "subsets": [{"addresses": [{"ip": "10.244.1.2"}],
                             "ports": [{"name": "http", "port": 3000}]}]
                """);
        put("endpoints", "ns", "empty", "\"subsets\": []");
        put(
                "nodes",
                "",
                "one",
                """
                "status": {"addresses": [{"type": "Hostname", "address": "one"},
                                         {"type": "InternalIP", "address": "10.89.0.11"}],
                           "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}
                """);
    }

    private String find(String resource, String id) {
        return locations
                .find(new ProxyPath(resource, resource.equals("nodes") ? "" : "ns", id, "", ""))
                .url();
    }

    static Stream<Arguments> found() {
        return Stream.of(
                argumentSet("the first declared port", "pods", "web", "http://10.244.1.2:8080"),
                argumentSet("a named port number", "pods", "web:81", "http://10.244.1.2:81"),
                argumentSet("a scheme", "pods", "https:web:443", "https://10.244.1.2:443"),
                argumentSet("no declared port", "pods", "bare", "http://10.244.1.3:80"),
                argumentSet(
                        "a Service's port name", "services", "web:http", "http://10.244.1.2:3000"),
                argumentSet("a Service's port", "services", "web:80", "http://10.244.1.2:3000"),
                argumentSet("the kubelet", "nodes", "one", "https://10.89.0.11:10250"),
                argumentSet("the kubelet's port", "nodes", "one:10250", "https://10.89.0.11:10250"),
                argumentSet("a port of a node", "nodes", "one:10256", "http://10.89.0.11:10256"));
    }

    @ParameterizedTest
    @MethodSource("found")
    void finds(String resource, String id, String url) {
        assertThat(find(resource, id)).isEqualTo(url);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                argumentSet("no such pod", "pods", "none", "pods \"none\" not found"),
                argumentSet(
                        "an id of another form", "pods", "a:b:c", "invalid pod request \"a:b:c\""),
                argumentSet("a pod without address", "pods", "waiting", "address not allowed"),
                argumentSet("a loopback address", "pods", "loop", "address not allowed"),
                argumentSet("a port by name", "pods", "web:http", "error trying to reach service"),
                argumentSet(
                        "a Service without endpoints",
                        "services",
                        "empty",
                        "no endpoints available for service \"empty\""),
                argumentSet(
                        "a Service's port that is not there",
                        "services",
                        "web:81",
                        "no service port 81 found for service \"web\""),
                argumentSet(
                        "an unnamed port of a Service with names",
                        "services",
                        "web",
                        "no endpoints available for service \"web\""));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(String resource, String id, String message) {
        assertThatThrownBy(() -> find(resource, id)).hasMessageContaining(message);
    }
}
