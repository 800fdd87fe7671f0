package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Spring Cloud Kubernetes: configuration from ConfigMaps and Secrets, discovery by Endpoints. */
class SpringCloudKubernetesIT {

    private final ApiServer server = ApiServer.shared();
    private final String namespace = server.newNamespace("spring");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @Test
    void readsItsConfiguration() {
        server.kubectl(
                        "-n",
                        namespace,
                        "create",
                        "configmap",
                        "shop",
                        "--from-literal=shop.greeting=ahoy")
                .orFail();
        server.kubectl(
                        "-n",
                        namespace,
                        "create",
                        "secret",
                        "generic",
                        "shop",
                        "--from-literal=shop.password=s3cret")
                .orFail();
        try (ConfigurableApplicationContext context = start()) {
            assertThat(context.getEnvironment().getProperty("shop.greeting")).isEqualTo("ahoy");
            assertThat(context.getEnvironment().getProperty("shop.password")).isEqualTo("s3cret");
        }
    }

    @Test
    void findsServicesAndTheirInstances() throws IOException {
        Path file = server.data().resolve("backend.yaml");
        Files.writeString(
                file,
                """
                apiVersion: v1
                kind: Service
                metadata: {name: backend, labels: {tier: back}}
                spec: {ports: [{name: http, port: 80}]}
                ---
                apiVersion: v1
                kind: Endpoints
                metadata: {name: backend}
                subsets:
                - addresses: [{ip: 10.244.9.1}, {ip: 10.244.9.2}]
                  ports: [{name: http, port: 8080}]
                """);
        server.kubectl("-n", namespace, "apply", "-f", file.toString()).orFail();
        try (ConfigurableApplicationContext context = start()) {
            DiscoveryClient discovery = context.getBean(DiscoveryClient.class);
            assertThat(discovery.getServices()).contains("backend");
            assertThat(discovery.getInstances("backend"))
                    .extracting(instance -> instance.getHost() + ":" + instance.getPort())
                    .containsExactlyInAnyOrder("10.244.9.1:8080", "10.244.9.2:8080");
        }
    }

    private ConfigurableApplicationContext start() {
        System.setProperty("kubeconfig", server.kubeconfig().toString());
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.application.name=shop",
                        "--spring.main.cloud-platform=kubernetes",
                        "--spring.config.import=kubernetes:",
                        "--spring.cloud.kubernetes.client.namespace=" + namespace,
                        "--spring.cloud.kubernetes.secrets.enabled=true",
                        "--spring.cloud.kubernetes.secrets.enable-api=true",
                        // its release is made for the Boot before this one, and runs on this one
                        "--spring.cloud.compatibility-verifier.enabled=false",
                        "--spring.main.banner-mode=off");
    }
}
