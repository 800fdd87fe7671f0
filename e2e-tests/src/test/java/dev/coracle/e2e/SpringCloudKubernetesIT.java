package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.kubernetes.fabric8.leader.Fabric8LeadershipController;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.leader.Candidate;
import org.springframework.integration.leader.DefaultCandidate;

/**
 * Spring Cloud Kubernetes: configuration from ConfigMaps and Secrets, discovery by Endpoints,
 * leaders.
 */
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
        try (ConfigurableApplicationContext context = start(_ -> {})) {
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
        try (ConfigurableApplicationContext context = start(_ -> {})) {
            DiscoveryClient discovery = context.getBean(DiscoveryClient.class);
            assertThat(discovery.getServices()).contains("backend");
            assertThat(discovery.getInstances("backend"))
                    .extracting(instance -> instance.getHost() + ":" + instance.getPort())
                    .containsExactlyInAnyOrder("10.244.9.1:8080", "10.244.9.2:8080");
        }
    }

    @Test
    void electsALeaderAndAnotherWhenItsPodGoes() throws IOException {
        makeReadyPod("first");
        makeReadyPod("second");
        try (ConfigurableApplicationContext first = candidate("first")) {
            awaitLeader("first");
            try (ConfigurableApplicationContext second = candidate("second")) {
                assertThat(isLeader(first)).isTrue();
                assertThat(isLeader(second)).isFalse();

                server.kubectl("-n", namespace, "delete", "pod", "first", "--force").orFail();

                awaitLeader("second");
                Await.until(Duration.ofSeconds(30), () -> assertThat(isLeader(second)).isTrue());
            }
        }
    }

    /**
     * A candidate is a pod, by its name, and can lead while that is ready. No loop touches this
     * one.
     */
    private void makeReadyPod(String name) throws IOException {
        Path file = server.data().resolve(name + ".yaml");
        Files.writeString(
                file,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec: {schedulerName: nobody, containers: [{name: c, image: coracle/echo}]}
                """
                        .formatted(name));
        server.kubectl("-n", namespace, "create", "-f", file.toString()).orFail();
        server.kubectl(
                        "-n",
                        namespace,
                        "patch",
                        "pod",
                        name,
                        "--subresource=status",
                        "--type=merge",
                        "-p",
                        "{\"status\": {\"phase\": \"Running\", \"conditions\":"
                                + " [{\"type\": \"Ready\", \"status\": \"True\"}]}}")
                .orFail();
    }

    private void awaitLeader(String name) {
        Await.until(
                Duration.ofSeconds(60),
                () ->
                        assertThat(
                                        server.kubectl(
                                                        "-n",
                                                        namespace,
                                                        "get",
                                                        "configmap",
                                                        "leaders",
                                                        "-o",
                                                        "jsonpath={.data.leader\\.id\\.shop}")
                                                .output())
                                .isEqualTo(name));
    }

    private static boolean isLeader(ConfigurableApplicationContext context) {
        Fabric8LeadershipController controller = context.getBean(Fabric8LeadershipController.class);
        return controller
                .getLocalLeader()
                .filter(leader -> leader.isCandidate(context.getBean(Candidate.class)))
                .isPresent();
    }

    private ConfigurableApplicationContext candidate(String name) {
        return start(
                // it takes its own name from the host's
                context -> context.getBeanFactory().addBeanPostProcessor(new NamedCandidate(name)),
                "--spring.cloud.kubernetes.leader.enabled=true",
                "--spring.cloud.kubernetes.leader.namespace=" + namespace,
                "--spring.cloud.kubernetes.leader.role=shop",
                "--spring.cloud.kubernetes.leader.create-config-map=true",
                "--spring.cloud.kubernetes.leader.update-period=500ms");
    }

    private record NamedCandidate(String name) implements BeanPostProcessor {
        @Override
        public Object postProcessAfterInitialization(Object bean, String beanName) {
            return bean instanceof Candidate ? new DefaultCandidate(name, "shop") : bean;
        }
    }

    private ConfigurableApplicationContext start(
            ApplicationContextInitializer<ConfigurableApplicationContext> initializer,
            String... properties) {
        System.setProperty("kubeconfig", server.kubeconfig().toString());
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .initializers(initializer)
                .properties(
                        Stream.of(properties)
                                .map(property -> property.substring(2))
                                .toArray(String[]::new))
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
