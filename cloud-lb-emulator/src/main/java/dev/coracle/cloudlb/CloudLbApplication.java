package dev.coracle.cloudlb;

import dev.coracle.cloudlb.published.PublishedPorts;
import dev.coracle.cloudlb.published.PublishedProperties;
import dev.coracle.cloudlb.service.ServiceController;
import dev.coracle.fabric.island.NetnsFabric;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.net.URI;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Runs the emulated cloud alone: {@code java -jar cloud-lb-emulator.jar}. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties({CloudLbProperties.class, PublishedProperties.class})
@Import(CloudLbConfiguration.class)
public class CloudLbApplication {

    public static void main(String[] arguments) {
        new SpringApplicationBuilder(CloudLbApplication.class)
                .properties("spring.config.name=cloud-lb-emulator")
                .initializers(context ->
                        NetnsFabric.ensureIfEnabled(context.getEnvironment()::getProperty))
                .run(arguments);
    }

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

    /** It waits for a REST API that is not open yet. */
    @Bean(initMethod = "start", destroyMethod = "close")
    ServiceController serviceController(KubernetesClient client, CloudLbProperties properties) {
        URI provider = URI.create("http://" + properties.bind() + ":" + properties.port() + "/");
        return new ServiceController(client, provider, InstantSource.system());
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnProperty("coracle.cloud-lb.published.ports")
    PublishedPorts publishedPorts(KubernetesClient client, PublishedProperties properties) {
        return PublishedPorts.follow(client, properties, InstantSource.system());
    }

    @Bean
    HealthIndicator cloudLbHealthIndicator(ServiceController controller) {
        return () ->
                (controller.isReady() ? Health.up() : Health.outOfService())
                        .withDetail("loadBalancers", controller.serving())
                        .build();
    }
}
