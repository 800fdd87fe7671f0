package dev.coracle.apiserver.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1Endpoints;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1IngressClass;
import io.kubernetes.client.openapi.models.V1Lease;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1ReplicaSet;
import io.kubernetes.client.openapi.models.V1Scale;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * The definitions are generated from the Kubernetes 1.33 model; rewritten by {@code
 * -Dgolden.update=true}.
 */
class DefinitionsTest {

    private static final Path RESOURCE = Path.of("src/main/resources/schema/definitions.json");

    @Test
    void areWhatTheKubernetesModelSays() throws Exception {
        SchemaGenerator generator = new SchemaGenerator();
        for (Class<?> core :
                List.of(
                        V1Pod.class,
                        V1Service.class,
                        V1Node.class,
                        V1Namespace.class,
                        V1Endpoints.class,
                        V1ConfigMap.class,
                        V1Secret.class,
                        CoreV1Event.class,
                        V1ServiceAccount.class)) {
            generator.add(core, "io.k8s.api.core.v1.");
        }
        generator.add(V1Deployment.class, "io.k8s.api.apps.v1.");
        generator.add(V1ReplicaSet.class, "io.k8s.api.apps.v1.");
        generator.add(V1Ingress.class, "io.k8s.api.networking.v1.");
        generator.add(V1IngressClass.class, "io.k8s.api.networking.v1.");
        generator.add(V1EndpointSlice.class, "io.k8s.api.discovery.v1.");
        generator.add(V1Lease.class, "io.k8s.api.coordination.v1.");
        generator.add(V1Scale.class, "io.k8s.api.autoscaling.v1.");
        String generated =
                JsonMapper.shared()
                                .writerWithDefaultPrettyPrinter()
                                .writeValueAsString(generator.document())
                        + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(RESOURCE, generated);
        }
        assertThat(Files.readString(RESOURCE)).isEqualTo(generated);
    }
}
