package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets the answer Kubernetes gives, naming field and value; nothing is stored. */
@ResourceLock(Cluster.HOST)
class BadInputIT {

    private final Cluster cluster = Cluster.with("--proxy", "nftables");
    private String namespace = "";

    @BeforeEach
    void makeANamespace() {
        namespace = cluster.newNamespace("bad");
    }

    static Stream<Arguments> manifests() {
        return Stream.of(
                argumentSet("malformed YAML", "kind: [", "error parsing"),
                argumentSet(
                        "an unknown kind",
                        "{\"apiVersion\": \"v1\", \"kind\": \"Frob\", \"metadata\": {\"name\": \"a\"}}",
                        "no matches for kind \"Frob\" in version \"v1\""),
                argumentSet(
                        "a wrong apiVersion",
                        "{\"apiVersion\": \"apps/v1beta1\", \"kind\": \"Deployment\", \"metadata\": {\"name\": \"a\"}}",
                        "no matches for kind \"Deployment\" in version \"apps/v1beta1\""),
                argumentSet(
                        "a missing required field",
                        "{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {\"name\": \"a\"}, \"spec\": {}}",
                        "spec.selector: Required value"),
                argumentSet(
                        "an unknown field",
                        "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"prots\": []}}",
                        "strict decoding error: unknown field \"spec.prots\""),
                argumentSet(
                        "a value of the wrong type",
                        "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"ports\": [{\"port\": \"x\"}]}}",
                        "cannot be handled as a Service: json: cannot unmarshal string into field spec.ports[0].port"),
                argumentSet(
                        "a nodePort out of range",
                        "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"type\": \"NodePort\", \"ports\": [{\"port\": 80, \"nodePort\": 80}]}}",
                        "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767"),
                argumentSet(
                        "a selector that does not match its template",
                        "{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"selector\": {\"matchLabels\": {\"a\": \"b\"}}, \"template\": {\"metadata\": {\"labels\": {\"a\": \"c\"}}, \"spec\": {\"containers\": [{\"name\": \"c\", \"image\": \"coracle/echo\"}]}}}}",
                        "`selector` does not match template `labels`"),
                argumentSet(
                        "a name that is none",
                        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"A_b\"}}",
                        "metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain"));
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void isRefusedByName(String manifest, String message) throws IOException {
        Path file = Files.createTempFile("bad", ".yaml");
        Files.writeString(file, manifest);
        Shell.Result result = cluster.kubectl("-n", namespace, "create", "-f", file.toString());
        Files.delete(file);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output()).contains(message);
        assertThat(
                        cluster.kubectl("-n", namespace, "get", "deploy,svc", "-o", "name")
                                .orFail()
                                .strip())
                .isEmpty();
    }

    @Test
    void refusesANodePortThatIsTaken() {
        String yaml =
                """
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {type: NodePort, ports: [{port: 80, nodePort: 31999}]}
                """;
        cluster.apply(namespace, yaml.formatted("first"));
        Path file = cluster.data().resolve("second.yaml");
        write(file, yaml.formatted("second"));
        assertThat(cluster.kubectl("-n", namespace, "create", "-f", file.toString()).output())
                .contains(
                        "spec.ports[0].nodePort: Invalid value: 31999: provided port is already allocated");
    }

    @Test
    void refusesToChangeAnImmutableField() {
        String yaml =
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: d}
                spec:
                  replicas: 0
                  selector: {matchLabels: {a: %1$s}}
                  template:
                    metadata: {labels: {a: %1$s}}
                    spec: {containers: [{name: c, image: coracle/echo}]}
                """;
        cluster.apply(namespace, yaml.formatted("b"));
        Path file = cluster.data().resolve("changed.yaml");
        write(file, yaml.formatted("c"));
        assertThat(cluster.kubectl("-n", namespace, "apply", "-f", file.toString()).output())
                .contains("spec.selector: Invalid value")
                .contains("field is immutable");
    }

    @Test
    void saysHowToAddAnUnknownImage() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec: {containers: [{name: c, image: "nginx:1.27"}]}
                """);
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(
                                        cluster.get(
                                                namespace,
                                                "pod/p",
                                                "{.status.containerStatuses[0].state.waiting.reason}"))
                                .isIn("ErrImagePull", "ImagePullBackOff"));
        Await.until(
                Duration.ofSeconds(10),
                () ->
                        assertThat(cluster.kubectl("-n", namespace, "get", "events").orFail())
                                .contains("nginx:1.27")
                                .contains("images.d"));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
