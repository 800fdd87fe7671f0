package dev.coracle.apiserver.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1Coordination;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The files in {@code protobuf/} are bodies that kubectl 1.32 sent. */
class ProtobufBodyTest {

    @Nested
    class OfKubectl {

        @Test
        void keepsZeroReplicasOfADeployment() throws IOException {
            ObjectNode deployment = recorded("deployments");

            assertThat(Json.text(deployment, "apiVersion")).isEqualTo("apps/v1");
            assertThat(Json.text(deployment, "kind")).isEqualTo("Deployment");
            assertThat(Json.text(deployment, "metadata.labels.app")).isEqualTo("web");
            assertThat(deployment.at("/spec/replicas").isNumber()).isTrue();
            assertThat(deployment.at("/spec/replicas").asInt()).isZero();
            assertThat(
                            Json.MAPPER.readTree(
                                    """
                                    {"name": "echo", "image": "coracle/echo", "resources": {},
                                     "stdin": false, "stdinOnce": false, "tty": false,
                                     "ports": [{"containerPort": 3000}]}
                                    """))
                    .isEqualTo(deployment.at("/spec/template/spec/containers/0"));
        }

        @Test
        void leavesOutTheEmptyCreationTime() throws IOException {
            assertThat(recorded("deployments").at("/metadata").has("creationTimestamp")).isFalse();
        }

        @Test
        void keepsAnEmptyValueOfAConfigMap() throws IOException {
            assertThat(recorded("configmaps").path("data"))
                    .isEqualTo(Json.newObject().put("a", "1").put("empty", ""));
        }

        @Test
        void writesBytesOfASecretAsBase64() throws IOException {
            assertThat(Json.text(recorded("secrets"), "data.password")).isEqualTo("c2VjcmV0");
        }

        @Test
        void writesNumbersAndNamesOfPorts() throws IOException {
            assertThat(recorded("services").at("/spec/ports/0"))
                    .isEqualTo(
                            Json.MAPPER.readTree(
                                    """
                                    {"name": "80-3000", "protocol": "TCP", "port": 80,
                                     "targetPort": 3000, "nodePort": 32000}
                                    """));
        }

        @Test
        void liftsWhatGoEmbeds() throws IOException {
            ObjectNode ingress = recorded("ingresses");

            assertThat(ingress.at("/spec/rules/0/http/paths/0"))
                    .isEqualTo(
                            Json.MAPPER.readTree(
                                    """
                                    {"path": "/shop", "pathType": "Prefix",
                                     "backend": {"service": {"name": "web",
                                                             "port": {"number": 80}}}}
                                    """));
            assertThat(ingress.at("/spec/rules/0").has("ingressRuleValue")).isFalse();
        }
    }

    @Test
    void writesTimesAsKubernetesDoes() {
        V1Coordination.Lease lease =
                V1Coordination.Lease.newBuilder()
                        .setMetadata(
                                Meta.ObjectMeta.newBuilder()
                                        .setCreationTimestamp(
                                                Meta.Time.newBuilder().setSeconds(1_700_000_000)))
                        .setSpec(
                                V1Coordination.LeaseSpec.newBuilder()
                                        .setRenewTime(
                                                Meta.MicroTime.newBuilder()
                                                        .setSeconds(1_700_000_000)
                                                        .setNanos(1_000)))
                        .build();

        ObjectNode tree =
                ProtobufBody.read(body("coordination.k8s.io/v1", "Lease", lease.toByteString()));

        assertThat(Json.text(tree, "metadata.creationTimestamp")).isEqualTo("2023-11-14T22:13:20Z");
        assertThat(Json.text(tree, "spec.renewTime")).isEqualTo("2023-11-14T22:13:20.000001Z");
    }

    @Test
    void findsDeleteOptionsUnderTheGroupTheyAreUsedIn() {
        Meta.DeleteOptions options =
                Meta.DeleteOptions.newBuilder()
                        .setGracePeriodSeconds(0)
                        .setPropagationPolicy("Orphan")
                        .build();

        ObjectNode tree =
                ProtobufBody.read(body("apps/v1", "DeleteOptions", options.toByteString()));

        assertThat(tree.path("gracePeriodSeconds").asInt(-1)).isZero();
        assertThat(Json.text(tree, "propagationPolicy")).isEqualTo("Orphan");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k8s", "{\"kind\": \"Pod\"}", "k8s\0\u007f\u007f"})
    void refusesOtherBytes(String text) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> ProtobufBody.read(text.getBytes(StandardCharsets.ISO_8859_1)))
                .withMessageContaining("the object provided is unrecognized")
                .matches(e -> e.code() == 400);
    }

    @Test
    void refusesAnUnknownKindByName() {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> ProtobufBody.read(body("batch/v1", "Sprint", ByteString.EMPTY)))
                .withMessageContaining("no kind \"Sprint\" is registered for version \"batch/v1\"")
                .matches(e -> e.code() == 400);
    }

    private static byte[] body(String apiVersion, String kind, ByteString raw) {
        return ByteString.copyFrom("k8s\0", StandardCharsets.ISO_8859_1)
                .concat(
                        Runtime.Unknown.newBuilder()
                                .setTypeMeta(
                                        Runtime.TypeMeta.newBuilder()
                                                .setApiVersion(apiVersion)
                                                .setKind(kind))
                                .setRaw(raw)
                                .build()
                                .toByteString())
                .toByteArray();
    }

    private static ObjectNode recorded(String name) throws IOException {
        try (InputStream in =
                ProtobufBodyTest.class.getResourceAsStream("/protobuf/" + name + ".binpb")) {
            return ProtobufBody.read(Objects.requireNonNull(in, name).readAllBytes());
        }
    }
}
