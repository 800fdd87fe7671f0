package dev.coracle.nodeagent;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.cgroup.Cgroups;
import dev.coracle.nodeagent.image.EchoProgram;
import dev.coracle.nodeagent.image.ImageAddition;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.ImageStore;
import dev.coracle.nodeagent.node.EventRecorder;
import dev.coracle.nodeagent.node.Machine;
import dev.coracle.nodeagent.node.NodeRegistration;
import dev.coracle.nodeagent.place.Place;
import dev.coracle.nodeagent.pod.KubernetesPodApi;
import dev.coracle.nodeagent.pod.PodHost;
import dev.coracle.nodeagent.pod.Pods;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.probe.ProbeChecks;
import dev.coracle.nodeagent.probe.ProbeMetrics;
import dev.coracle.nodeagent.registry.ImagePull;
import dev.coracle.nodeagent.registry.RegistryTrust;
import dev.coracle.nodeagent.server.KubeletAccess;
import dev.coracle.nodeagent.server.KubeletServer;
import dev.coracle.nodeagent.server.ServingCertificate;
import dev.coracle.nodeagent.serviceproxy.NodeNetwork;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import dev.coracle.nodeagent.serviceproxy.ProxyPages;
import dev.coracle.nodeagent.serviceproxy.ServiceProxy;
import dev.coracle.nodeagent.stats.NodeWatch;
import dev.coracle.nodeagent.stats.StatsSummary;
import dev.coracle.nodeagent.timing.ScheduledTimers;
import dev.coracle.nodeagent.volume.ProvisionedVolumes;
import dev.coracle.nodeagent.volume.VolumeReclaimer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node. {@link #start()} returns when it is ready for pods; {@link #close()} ends its pods and
 * takes it out of the fabric, and leaves all API objects.
 */
public final class NodeAgent implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeAgent.class);
    private static final long POD_RANGE_SECONDS = 60;

    private final NodeAgentProperties properties;
    private final KubernetesClient client;
    private final InstantSource clock;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private volatile ProxyMode.@Nullable Chosen proxyMode;
    private volatile @Nullable Pods pods;
    private volatile @Nullable ServiceProxy proxy;
    private volatile boolean ready;

    private NodeAgent(
            NodeAgentProperties properties, KubernetesClient client, InstantSource clock) {
        this.properties = properties;
        this.client = client;
        this.clock = clock;
    }

    /** A node that talks to the cluster through {@code client}, which stays the caller's. */
    public static NodeAgent create(NodeAgentProperties properties, KubernetesClient client) {
        return new NodeAgent(properties, client, InstantSource.system());
    }

    /**
     * Links the node into the fabric (which is made if need be), registers it, waits for its pod
     * range and starts serving. Blocks for that long.
     *
     * @throws IOException if the fabric cannot be made or no pod range is assigned in a minute;
     *     what was started is closed again
     */
    public void start() throws IOException {
        try {
            run();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Whether pods can run and Service rules are in force. */
    public boolean isReady() {
        ServiceProxy running = proxy;
        return ready && running != null && running.isSynced();
    }

    /** How Services are carried and why; null before the start. */
    public ProxyMode.@Nullable Chosen proxyMode() {
        return proxyMode;
    }

    /** One line for a status report. */
    public String describe() {
        Pods running = pods;
        ProxyMode.Chosen mode = proxyMode;
        return properties.name()
                + " at "
                + properties.address()
                + (isReady() ? ", ready" : ", not ready")
                + (running == null ? "" : ", " + running.size() + " pods")
                + (mode == null ? "" : ", proxy " + mode.mode() + " (" + mode.reason() + ")");
    }

    /** Ends the pods, takes the node out of the fabric. Idempotent. */
    @Override
    public synchronized void close() {
        ready = false;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                log.warn("node '{}' is not wholly closed: {}", properties.name(), e.toString());
            }
        }
    }

    private void run() throws IOException {
        String name = properties.name();
        Path state = Files.createDirectories(properties.stateDirectory().resolve(name));
        Place place = open(Place.of(properties.fabric(), name, properties.address(), state, clock));
        NetworkNamespace namespace = place.namespace();
        ProxyMode.Chosen mode = place.choose(properties.proxyMode());
        proxyMode = mode;

        ScheduledTimers timers = open(new ScheduledTimers(name));
        EventRecorder events = open(new EventRecorder(client, name, clock));
        ImageFolder stored = new ImageFolder(properties.imageStore());
        ImageStore images =
                new ImageStore(
                        properties.imagesDirectory(),
                        stored,
                        EchoProgram.install(state.resolve("echo")));
        NodeRegistration registration =
                open(
                        new NodeRegistration(
                                client,
                                new NodeRegistration.NodeIdentity(
                                        name,
                                        properties.address(),
                                        Machine.read(state),
                                        place.runtime().version(),
                                        images::list),
                                timers,
                                clock,
                                events));
        Node _ = registration.register();

        SharedIndexInformer<Service> services = open(client.services().inAnyNamespace().inform());
        SharedIndexInformer<EndpointSlice> slices =
                open(client.discovery().v1().endpointSlices().inAnyNamespace().inform());
        PodRange range = new PodRange(name);
        SharedIndexInformer<Node> nodes = open(client.nodes().inform(range));
        Cidr podCidr = Cidr.of(range.await());

        PodLinks network = place.network(podCidr, nodes);

        ServiceProxy serviceProxy =
                open(
                        ServiceProxy.start(
                                name,
                                mode.mode(),
                                new NodeNetwork(
                                        namespace.name(),
                                        List.of(properties.address()),
                                        podCidr,
                                        place.addresses()),
                                namespace,
                                new ServiceProxy.Informers(services, slices, nodes),
                                clock));
        proxy = serviceProxy;
        open(ProxyPages.open(namespace, place.listenAddress(), serviceProxy, mode.mode()));

        ProbeMetrics probeMetrics = new ProbeMetrics();
        Cgroups cgroups = open(Cgroups.find(namespace.name(), properties.podPidsLimit()));
        ProvisionedVolumes provisioned =
                new ProvisionedVolumes(properties.stateDirectory().resolve("volumes"));
        SharedIndexInformer<PersistentVolume> _ =
                open(client.persistentVolumes().inform(new VolumeReclaimer(client, provisioned)));
        PodHost.Tools tools =
                new PodHost.Tools(
                        new KubernetesPodApi(client, events),
                        place.runtime(),
                        images,
                        new ImagePull(
                                stored,
                                new ImageAddition(stored, clock),
                                Objects.requireNonNullElse(
                                        properties.images().defaultRegistry(), ""),
                                new RegistryTrust(properties.images().registryCa())),
                        network,
                        open(new ProbeChecks(namespace, probeMetrics, clock)),
                        cgroups,
                        provisioned,
                        timers,
                        clock);
        Pods running =
                open(
                        new Pods(
                                new PodHost(
                                        name,
                                        properties.address(),
                                        state,
                                        place.handles(),
                                        place.addresses().dnsClusterIp(),
                                        properties.crashLoopFirst(),
                                        properties.crashLoopLongest(),
                                        tools,
                                        () -> place.seenByPods(services.getStore().list()),
                                        () ->
                                                Optional.ofNullable(
                                                        nodes.getStore().getByKey(name)))));
        pods = running;
        StatsSummary summary = new StatsSummary(name, state, clock, running::accounts);
        NodeWatch watch =
                open(
                        new NodeWatch(
                                state,
                                timers,
                                summary,
                                running::accounts,
                                running::beyondStorage,
                                running::evict,
                                registration::pressure));
        SharedIndexInformer<Pod> bound =
                open(
                        client.pods()
                                .inAnyNamespace()
                                .withField("spec.nodeName", name)
                                .inform(running));
        running.discardOthers(bound.getStore().list());
        open(
                KubeletServer.open(
                        namespace,
                        place.listenAddress(),
                        ServingCertificate.request(client, name, properties.address()),
                        new KubeletServer.Content(
                                running,
                                KubeletSettings.of(properties),
                                StatsPages.of(summary, probeMetrics),
                                new KubeletAccess(new KubeletReviews(client, name, clock))),
                        clock));
        registration.ready();
        cgroups.missing().ifPresent(registration::limitsNotEnforced);
        watch.start();
        ready = true;
        log.info("node {}", describe());
    }

    private synchronized <T extends AutoCloseable> T open(T part) {
        opened.push(part);
        return part;
    }

    /** Hears of the node's own pod range. */
    private static final class PodRange implements ResourceEventHandler<Node> {
        private final String name;
        private final CompletableFuture<String> range = new CompletableFuture<>();

        PodRange(String name) {
            this.name = name;
        }

        String await() throws IOException {
            try {
                return range.get(POD_RANGE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException(
                        "node '"
                                + name
                                + "' was given no spec.podCIDR in "
                                + POD_RANGE_SECONDS
                                + " s: is the controller for node addresses running?",
                        e);
            }
        }

        @Override
        public void onAdd(Node node) {
            onUpdate(node, node);
        }

        @Override
        public void onUpdate(Node before, Node node) {
            if (name.equals(node.getMetadata().getName())
                    && node.getSpec() != null
                    && node.getSpec().getPodCIDR() != null) {
                range.complete(node.getSpec().getPodCIDR());
            }
        }

        @Override
        public void onDelete(Node node, boolean deletedFinalStateUnknown) {
            // nothing to learn
        }
    }
}
