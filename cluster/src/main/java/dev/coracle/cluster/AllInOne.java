package dev.coracle.cluster;

import dev.coracle.apiserver.ApiServerApplication;
import dev.coracle.cloudlb.CloudLbEmulator;
import dev.coracle.cluster.fabric.Fabric;
import dev.coracle.cluster.fabric.Outside;
import dev.coracle.cluster.fabric.ServiceNotes;
import dev.coracle.cluster.part.Part;
import dev.coracle.cluster.part.Startup;
import dev.coracle.cluster.part.StartupException;
import dev.coracle.cluster.rootless.InsideRelay;
import dev.coracle.cluster.rootless.PublishedServices;
import dev.coracle.cluster.rootless.RootlessRun;
import dev.coracle.cluster.rootless.Target;
import dev.coracle.dns.DnsProperties;
import dev.coracle.dns.DnsService;
import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.gateway.IngressGateway;
import dev.coracle.nodeagent.NodeAgent;
import dev.coracle.nodeagent.NodeAgentProperties;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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

    private static final long OUTSIDE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ClusterOptions options;
    private final boolean goesOn;
    private final Startup startup;
    private final FabricProperties properties;
    private final AddressPlan addresses;
    private final List<NodeAgent> nodes = new ArrayList<>();
    private @Nullable ConfigurableApplicationContext api;
    private @Nullable KubernetesClient client;
    private volatile @Nullable InsideRelay relay;
    private @Nullable ServiceNotes notes;

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
        this.properties =
                switch (options.fabric().fabric()) {
                    case NETNS, ROOTLESS -> FabricProperties.defaults();
                    case LOOPBACK -> FabricProperties.onLoopback();
                };
        this.addresses = properties.addressPlan();
    }

    /**
     * Starts everything and returns when it is ready.
     *
     * @throws StartupException with one sentence for the user; close this then
     */
    public void start() {
        Parts wiring = Parts.of(options, properties, goesOn);
        startup.run(wiring.fabric());
        startup.run(apiServerPart(wiring.apiServer()));
        KubernetesClient shared = connect();
        client = shared;
        List<Part> parts = new ArrayList<>();
        parts.add(controllersPart());
        for (int number = 1; number <= options.nodes(); number++) {
            parts.add(nodePart("node-" + number, addresses.node(number)));
        }
        parts.add(dnsPart(wiring.dns()));
        KubernetesClient cloudsOwn = client("cloud-lb-emulator");
        CloudLbEmulator cloud = CloudLbEmulator.create(wiring.cloud(), cloudsOwn);
        parts.add(
                new Part(
                        "cloud-lb-emulator",
                        started(cloud::start),
                        cloud::isReady,
                        cloud::describe,
                        both(cloud, cloudsOwn)));
        KubernetesClient gatewaysOwn = client("ingress-gateway");
        IngressGateway gateway = IngressGateway.create(wiring.gateway(), gatewaysOwn);
        parts.add(
                new Part(
                        "ingress-gateway",
                        started(gateway::start),
                        gateway::isReady,
                        gateway::describe,
                        both(gateway, gatewaysOwn)));
        Path socket = RootlessRun.socketInside();
        if (socket != null) {
            parts.add(relayPart(socket, shared));
        }
        startup.run(parts.toArray(Part[]::new));
        registerHealth(parts);
        if (options.fabric().fabric() != Fabric.NETNS) {
            notes =
                    ServiceNotes.follow(
                            shared, Outside.of(options.fabric().fabric()), InstantSource.system());
        }
    }

    /** Waits a moment for what is outside to have taken up all addresses. */
    public void awaitOutside() {
        InsideRelay open = relay;
        long deadline = System.nanoTime() + OUTSIDE_PATIENCE_NANOS;
        while (open != null && !open.isServed() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
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
        if (notes != null) {
            notes.close();
        }
        startup.close();
        if (client != null) {
            client.close();
        }
    }

    private Part apiServerPart(String[] arguments) {
        return new Part(
                "api-server",
                () -> {
                    ConfigurableApplicationContext context =
                            ApiServerApplication.builder()
                                    .registerShutdownHook(false)
                                    .logStartupInfo(false)
                                    .run(arguments);
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

    private Part dnsPart(DnsProperties settings) {
        KubernetesClient own = client("dns-service");
        DnsService dns = DnsService.create(settings, own, InstantSource.system());
        return new Part(
                "dns-service", started(dns::start), dns::isReady, dns::describe, both(dns, own));
    }

    private Part nodePart(String name, String address) {
        KubernetesClient own = client(name);
        NodeAgent agent =
                NodeAgent.create(
                        NodeAgentProperties.of(
                                        name, address, options.data().resolve("nodes"), properties)
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
                        own);
        nodes.add(agent);
        return new Part(
                name, started(agent::start), agent::isReady, agent::describe, both(agent, own));
    }

    private Part relayPart(Path socket, KubernetesClient shared) {
        List<Target> always = new ArrayList<>();
        for (int port : List.of(options.apiPort(), options.cloudPort(), options.dns().port())) {
            if (port != 0) {
                always.add(new Target("tcp", "127.0.0.1", port));
            }
        }
        if (options.dns().port() != 0) {
            always.add(new Target("udp", "127.0.0.1", options.dns().port()));
        }
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        return new Part(
                "relay",
                started(() -> {
                    InsideRelay open = InsideRelay.open(socket);
                    opened.push(open);
                    relay = open;
                    opened.push(PublishedServices.follow(shared, always, open));
                }),
                () -> relay != null && relay.isServed(),
                () -> "this machine's 127.0.0.0/8 leads inside",
                () -> {
                    while (!opened.isEmpty()) {
                        opened.pop().close();
                    }
                });
    }

    /** The administrator's. */
    private KubernetesClient connect() {
        return client(kubeconfig());
    }

    /** A part's own, with no more rights than it needs. */
    private KubernetesClient client(String part) {
        return client(options.data().resolve("identities").resolve(part).resolve("kubeconfig"));
    }

    private static KubernetesClient client(Path kubeconfig) {
        Config config =
                new ConfigBuilder(Config.fromKubeconfig(kubeconfig.toFile()))
                        .withOnlyHttpWatches(true)
                        .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static AutoCloseable both(AutoCloseable part, KubernetesClient own) {
        return () -> {
            try (own) {
                part.close();
            }
        };
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
