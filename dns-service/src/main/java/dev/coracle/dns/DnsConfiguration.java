package dev.coracle.dns;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The parts of the DNS service when it runs alone, in reading order. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DnsProperties.class)
class DnsConfiguration {

    /** {@code kubeconfig} is a path; empty is the usual look-up. */
    @Bean(destroyMethod = "close")
    KubernetesClient kubernetesClient(
            @Value("${coracle.kubernetes.kubeconfig:}") String kubeconfig) {
        Config found =
                kubeconfig.isEmpty()
                        ? Config.autoConfigure(null)
                        : Config.fromKubeconfig(new File(kubeconfig));
        Config config = new ConfigBuilder(found).withOnlyHttpWatches(true).build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    DnsService dnsService(DnsProperties properties, KubernetesClient client) {
        return DnsService.create(properties, client, InstantSource.system());
    }

    @Bean
    HealthIndicator dnsHealthIndicator(DnsService service) {
        return () ->
                (service.isReady() ? Health.up() : Health.outOfService())
                        .withDetail("dns", service.describe())
                        .build();
    }
}
