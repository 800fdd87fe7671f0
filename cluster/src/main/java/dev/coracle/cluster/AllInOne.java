package dev.coracle.cluster;

import dev.coracle.apiserver.ApiServerApplication;
import dev.coracle.cloudlb.CloudLbEmulator;
import dev.coracle.cloudlb.CloudLbProperties;
import dev.coracle.cluster.part.Part;
import dev.coracle.cluster.part.Startup;
import dev.coracle.cluster.part.StartupException;
import dev.coracle.dns.DnsProperties;
import dev.coracle.dns.DnsService;
import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.island.Namespaces;
import dev.coracle.fabric.island.NetnsFabric;
import dev.coracle.gateway.GatewayProperties;
import dev.coracle.gateway.IngressGateway;
import dev.coracle.nodeagent.NodeAgent;
import dev.coracle.nodeagent.NodeAgentProperties;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * All services in one JVM. The fabric and the API server come first; the rest starts side by side,
 * each an ordinary client of the API server over TLS.
 */
public final class AllInOne implements AutoCloseable {

    private static final int MOST_NODES = 100;

    private final ClusterOptions options;
    private final boolean goesOn;
    private final Startup startup;
    private final NetnsFabric fabric;
    private final AddressPlan addresses;
    private final List<NodeAgent> nodes = new ArrayList<>();
    private @Nullable ConfigurableApplicationContext api;
    private @Nullable KubernetesClient client;

    /**
     * A cluster to be started.
     *
     * @param goesOn whether it takes over the networks and pods of one with the same state that was
     *     killed; otherwise what such a one left is removed
     */
    public AllInOne(ClusterOptions options, Startup startup, boolean goesOn) {
        this.goesOn = goesOn;
        this.options = options;
        this.startup = startup;
        FabricProperties properties = FabricProperties.defaults();
        this.fabric = new NetnsFabric(properties);
        this.addresses = properties.addressPlan();
    }

    /**
     * Starts everything and returns when it is ready.
     *
     * @throws StartupException with one sentence for the user; close this then
     */
    public void start() {
        var preflight = NetnsFabric.check();
        if (!preflight.passed()) {
            throw new StartupException(String.join("; ", preflight.failures()));
        }
        startup.run(fabricPart());
        startup.run(apiServerPart());
        KubernetesClient shared = connect();
        client = shared;
        List<Part> parts = new ArrayList<>();
        parts.add(controllersPart());
        for (int number = 1; number <= options.nodes(); number++) {
            parts.add(nodePart("node-" + number, addresses.node(number), shared));
        }
        String namespace = fabric.plan().fabricNamespace();
        parts.add(dnsPart(namespace, shared));
        CloudLbEmulator cloud =
                CloudLbEmulator.create(
                        CloudLbProperties.inFabric(namespace, options.cloudPort()), shared);
        parts.add(
                new Part(
                        "cloud-lb-emulator",
                        started(cloud::start),
                        cloud::isReady,
                        cloud::describe,
                        cloud));
        IngressGateway gateway =
                IngressGateway.create(GatewayProperties.inFabric(namespace, 0), shared);
        parts.add(
                new Part(
                        "ingress-gateway",
                        started(gateway::start),
                        gateway::isReady,
                        gateway::describe,
                        gateway));
        startup.run(parts.toArray(Part[]::new));
        registerHealth(parts);
    }

    /** A client of the running cluster, owned by this. */
    public KubernetesClient client() {
        KubernetesClient connected = client;
        if (connected == null) {
            throw new IllegalStateException("the cluster is not started");
        }
        return connected;
    }

    public AddressPlan addresses() {
        return addresses;
    }

    /** How Services are carried, and why. */
    public String proxyMode() {
        ProxyMode.Chosen chosen = nodes.getFirst().proxyMode();
        return chosen == null
                ? "unknown"
                : chosen.mode().name().toLowerCase(Locale.ROOT) + " (" + chosen.reason() + ")";
    }

    public Path kubeconfig() {
        return options.data().resolve("kubeconfig");
    }

    @Override
    public void close() {
        startup.close();
        if (client != null) {
            client.close();
        }
    }

    private Part fabricPart() {
        return new Part(
                "fabric",
                started(() -> {
                    if (goesOn) {
                        removeFurtherNodes();
                    } else {
                        fabric.remove();
                    }
                    fabric.ensure();
                }),
                () -> true,
                () ->
                        "netns: "
                                + addresses.nodes()
                                + " in namespace "
                                + fabric.plan().fabricNamespace(),
                fabric::remove);
    }

    private void removeFurtherNodes() throws IOException {
        for (int number = options.nodes() + 1; number <= MOST_NODES; number++) {
            if (Namespaces.exists(fabric.plan().nodeNamespace("node-" + number))) {
                fabric.removeNode("node-" + number);
            }
        }
    }

    private Part apiServerPart() {
        return new Part(
                "api-server",
                () -> {
                    ConfigurableApplicationContext context =
                            ApiServerApplication.builder()
                                    .registerShutdownHook(false)
                                    .logStartupInfo(false)
                                    .run(
                                            "--server.port=" + options.apiPort(),
                                            "--coracle.apiserver.data-directory=" + options.data(),
                                            "--coracle.apiserver.database=" + options.database(),
                                            "--coracle.apiserver.advertise-address="
                                                    + addresses.apiServer(),
                                            "--coracle.apiserver.advertise-namespace="
                                                    + fabric.plan().fabricNamespace(),
                                            "--coracle.apiserver.service-cidr="
                                                    + addresses.services(),
                                            "--coracle.apiserver.pod-cidr=" + addresses.pods());
                    api = context;
                    return context;
                },
                () -> true,
                () -> "https://127.0.0.1:" + options.apiPort(),
                () -> {
                    if (api != null) {
                        api.close();
                    }
                });
    }

    private Part controllersPart() {
        return new Part(
                "controllers",
                () -> "started with the API server",
                () -> ApiServerApplication.controllersReady(context()),
                () -> "in the API server's process",
                () -> {});
    }

    private Part dnsPart(String namespace, KubernetesClient administrator) {
        InstantSource clock = InstantSource.system();
        KubernetesClient own;
        try {
            own =
                    ServiceIdentity.client(
                            administrator,
                            "/dns-service-rbac.yaml",
                            "kube-system",
                            "kube-dns",
                            clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        DnsService dns =
                DnsService.create(
                        DnsProperties.inFabric(
                                namespace, options.dns().port(), options.dns().rules()),
                        own,
                        clock);
        return new Part(
                "dns-service",
                started(dns::start),
                dns::isReady,
                dns::describe,
                () -> {
                    dns.close();
                    own.close();
                });
    }

    private Part nodePart(String name, String address, KubernetesClient shared) {
        NodeAgent agent =
                NodeAgent.create(
                        NodeAgentProperties.of(
                                        name,
                                        address,
                                        options.data().resolve("nodes"),
                                        FabricProperties.defaults())
                                .withImagesDirectory(options.data().resolve("images.d"))
                                .withImages(
                                        new NodeAgentProperties.ImageOptions(
                                                ClusterOptions.images(options.data()),
                                                options.registries().standard(),
                                                options.registries().authorities().isEmpty()
                                                        ? null
                                                        : Path.of(
                                                                options.registries()
                                                                        .authorities())))
                                .withProxyMode(
                                        ProxyMode.valueOf(
                                                options.proxy().toUpperCase(Locale.ROOT))),
                        shared);
        nodes.add(agent);
        return new Part(name, started(agent::start), agent::isReady, agent::describe, agent);
    }

    private KubernetesClient connect() {
        Config config =
                new ConfigBuilder(Config.fromKubeconfig(kubeconfig().toFile()))
                        .withOnlyHttpWatches(true)
                        .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /**
     * Makes {@code /actuator/health} of the API server tell the health of every part, for {@code
     * coracle status}.
     */
    private void registerHealth(List<Part> parts) {
        var registry = context().getBean(HealthContributorRegistry.class);
        for (Part part : parts) {
            if (!part.name().equals("controllers")) {
                HealthIndicator indicator =
                        () ->
                                (part.isReady().getAsBoolean() ? Health.up() : Health.down())
                                        .withDetail("about", part.describe().get())
                                        .build();
                registry.registerContributor(part.name(), indicator);
            }
        }
    }

    private ConfigurableApplicationContext context() {
        ConfigurableApplicationContext running = api;
        if (running == null) {
            throw new IllegalStateException("the API server is not started");
        }
        return running;
    }

    private static java.util.concurrent.Callable<?> started(Action action) {
        return () -> {
            action.run();
            return "";
        };
    }

    @FunctionalInterface
    private interface Action {
        void run() throws IOException;
    }
}
