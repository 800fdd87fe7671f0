package dev.coracle.nodeagent;

import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.island.NetnsFabric;
import dev.coracle.fabric.island.Preflight;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The composition root of the standalone node-agent. */
@Configuration(proxyBeanMethods = false)
class NodeAgentConfiguration {

    @Bean
    NodeAgentProperties nodeAgentProperties(Environment environment) {
        FabricProperties fabric =
                Binder.get(environment).bindOrCreate("coracle.fabric", FabricProperties.class);
        return new NodeAgentProperties(
                value(environment, "name", String.class),
                address(environment, fabric),
                value(environment, "state-directory", Path.class),
                value(environment, "images-directory", Path.class),
                value(environment, "proxy-mode", ProxyMode.class),
                value(environment, "crash-loop-first", Duration.class),
                value(environment, "crash-loop-longest", Duration.class),
                value(environment, "pod-pids-limit", Long.class),
                new NodeAgentProperties.ImageOptions(
                        value(environment, "images.store", Path.class),
                        value(environment, "images.default-registry", String.class),
                        value(environment, "images.registry-ca", Path.class)),
                fabric);
    }

    /** The one that is set; in a container, else the one it has in the nodes' range. */
    private static @Nullable String address(Environment environment, FabricProperties fabric) {
        String given = value(environment, "address", String.class);
        if (given != null || fabric.mode() != FabricProperties.Mode.HOST) {
            return given;
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(Inet4Address.class::isInstance)
                    .map(InetAddress::getHostAddress)
                    .filter(fabric.nodes()::contains)
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalStateException(
                                    "this container has no address in the nodes' range "
                                            + fabric.nodes()));
        } catch (SocketException e) {
            throw new IllegalStateException("this container's addresses: " + e.getMessage(), e);
        }
    }

    @Bean(destroyMethod = "close")
    KubernetesClient kubernetesClient(Environment environment) {
        String kubeconfig = environment.getProperty("coracle.kubernetes.kubeconfig", "");
        Config base =
                kubeconfig.isEmpty()
                        ? Config.autoConfigure(null)
                        : Config.fromKubeconfig(new File(kubeconfig));
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(base).withOnlyHttpWatches(true).build())
                .build();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    NodeAgent nodeAgent(NodeAgentProperties properties, KubernetesClient client) {
        Preflight preflight = NetnsFabric.check();
        if (!preflight.passed()) {
            throw new IllegalStateException(String.join("; ", preflight.failures()));
        }
        return NodeAgent.create(properties, client);
    }

    @Bean
    HealthIndicator nodeHealthIndicator(NodeAgent agent) {
        return () ->
                (agent.isReady() ? Health.up() : Health.down())
                        .withDetail("node", agent.describe())
                        .build();
    }

    private static <T> @Nullable T value(Environment environment, String name, Class<T> type) {
        return Binder.get(environment).bind("coracle.node." + name, type).orElse(null);
    }
}
