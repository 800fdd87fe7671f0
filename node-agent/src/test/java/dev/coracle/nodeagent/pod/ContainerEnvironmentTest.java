package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerEnvironmentTest {

    @Test
    void expandsKnownVariablesOnly() {
        Map<String, String> env = Map.of("A", "one");
        assertThat(ContainerEnvironment.expand("$(A)-$(B)-$$(A)-$A", env))
                .isEqualTo("one-$(B)-$(A)-$A");
        assertThat(ContainerEnvironment.expand("$(A", env)).isEqualTo("$(A");
        assertThat(ContainerEnvironment.expand("100$", env)).isEqualTo("100$");
    }

    @Test
    void tellsAboutServicesOfTheNamespaceAndTheApi() {
        List<Service> services =
                List.of(
                        service("default", "kubernetes", "10.96.0.1", 443),
                        service("shop", "my-db", "10.96.0.8", 5432),
                        service("other", "far", "10.96.0.9", 80));
        assertThat(ServiceVariables.of(services, "shop", true))
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.0.1")
                .containsEntry("KUBERNETES_SERVICE_PORT", "443")
                .containsEntry("MY_DB_SERVICE_HOST", "10.96.0.8")
                .containsEntry("MY_DB_PORT_5432_TCP", "tcp://10.96.0.8:5432")
                .doesNotContainKey("FAR_SERVICE_HOST");
        assertThat(ServiceVariables.of(services, "shop", false))
                .doesNotContainKey("MY_DB_SERVICE_HOST")
                .containsKey("KUBERNETES_SERVICE_HOST");
    }

    private static Service service(String namespace, String name, String address, int port) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP(address)
                .addNewPort()
                .withPort(port)
                .endPort()
                .endSpec()
                .build();
    }
}
