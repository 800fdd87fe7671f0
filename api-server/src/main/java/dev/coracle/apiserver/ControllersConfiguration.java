package dev.coracle.apiserver;

import dev.coracle.apiserver.authentication.ClusterPki;
import dev.coracle.apiserver.metrics.ApiMetrics;
import dev.coracle.controllers.ControllerProperties;
import dev.coracle.controllers.ControllerSet;
import dev.coracle.controllers.scheduling.SchedulerFigures;
import dev.coracle.controllers.workqueue.QueueFigures;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.ContextClosedEvent;

/** The control loops inside this process: an ordinary client of the API, by TLS on loopback. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(
        name = "coracle.apiserver.controllers",
        havingValue = "true",
        matchIfMissing = true)
class ControllersConfiguration {

    private static final int NODE_PREFIX_LENGTH = 24;
    private static final Duration LEASE_TIMEOUT = Duration.ofSeconds(40);
    private static final Duration EVICTION_DELAY = Duration.ofMinutes(5);

    @Bean(destroyMethod = "close")
    ControllerRunner controllerRunner(
            ApiServerProperties properties,
            ClusterPki pki,
            InstantSource clock,
            ApiMetrics metrics) {
        ControllerRunner runner = new ControllerRunner(properties, pki, clock);
        metrics.add(new WorkQueueMetrics(runner::queues, runner::scheduler));
        return runner;
    }

    /** While the server still answers: the turn is given back through it. */
    @Bean
    @Lazy(false)
    ApplicationListener<ContextClosedEvent> beforeTheServerEnds(ControllerRunner runner) {
        return _ -> runner.close();
    }

    @Bean
    HealthIndicator controllersHealthIndicator(ControllerRunner runner) {
        return () -> (runner.isReady() ? Health.up() : Health.down()).build();
    }

    /** Starts the loops when the server's port is known. */
    static final class ControllerRunner
            implements ApplicationListener<ReactiveWebServerInitializedEvent>, AutoCloseable {

        private final ApiServerProperties properties;
        private final ClusterPki pki;
        private final InstantSource clock;
        private @Nullable KubernetesClient client;
        private volatile @Nullable ControllerSet controllers;
        private volatile @Nullable Leadership leadership;

        ControllerRunner(ApiServerProperties properties, ClusterPki pki, InstantSource clock) {
            this.properties = properties;
            this.pki = pki;
            this.clock = clock;
        }

        @Override
        public void onApplicationEvent(ReactiveWebServerInitializedEvent event) {
            if (client != null) {
                return;
            }
            String url = "https://127.0.0.1:" + event.getWebServer().getPort();
            Config config;
            try {
                config =
                        new ConfigBuilder(
                                        Config.fromKubeconfig(
                                                pki.componentKubeconfig(
                                                        url,
                                                        "system:kube-controller-manager",
                                                        clock.instant())))
                                .withOnlyHttpWatches(true)
                                .build();
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException("cannot make a client: " + e.getMessage(), e);
            }
            client = new KubernetesClientBuilder().withConfig(config).build();
            if (properties.database().isEmpty()) {
                begin();
            } else {
                leadership = new Leadership(client, identity(), this::begin, this::end);
                leadership.start();
            }
        }

        private synchronized void begin() {
            ControllerSet set =
                    ControllerSet.create(
                            Objects.requireNonNull(client),
                            new ControllerProperties(
                                    properties.podCidr(),
                                    NODE_PREFIX_LENGTH,
                                    LEASE_TIMEOUT,
                                    EVICTION_DELAY,
                                    pki.authority().own().certificatePem()),
                            clock);
            set.start();
            controllers = set;
        }

        private synchronized void end() {
            ControllerSet set = controllers;
            controllers = null;
            if (set != null) {
                set.close();
            }
        }

        /** A data directory is one server's; so it is itself again after a restart. */
        private String identity() {
            try {
                return InetAddress.getLocalHost().getHostName()
                        + "_"
                        + properties.dataDirectory().toAbsolutePath();
            } catch (UnknownHostException _) {
                return properties.dataDirectory().toAbsolutePath().toString();
            }
        }

        /** Whether every loop works on a complete picture, here or in another server. */
        boolean isReady() {
            Leadership election = leadership;
            ControllerSet started = controllers;
            return started != null ? started.isReady() : election != null && election.isStandby();
        }

        /** Empty while the loops do not run here. */
        List<QueueFigures> queues() {
            ControllerSet started = controllers;
            return started == null ? List.of() : started.queues();
        }

        /** Empty while the scheduler does not run here. */
        Optional<SchedulerFigures> scheduler() {
            return Optional.ofNullable(controllers).map(ControllerSet::schedulerFigures);
        }

        /** Harmless a second time. */
        @Override
        public synchronized void close() {
            Leadership election = leadership;
            if (election != null) {
                election.close();
            }
            end();
            if (client != null) {
                client.close();
            }
        }
    }
}
