package dev.coracle.nodeagent.hollow;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.cgroup.Cgroups;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.ImageStore;
import dev.coracle.nodeagent.node.EventRecorder;
import dev.coracle.nodeagent.node.Machine;
import dev.coracle.nodeagent.node.NodeRegistration;
import dev.coracle.nodeagent.pod.KubernetesPodApi;
import dev.coracle.nodeagent.pod.PodHost;
import dev.coracle.nodeagent.pod.Pods;
import dev.coracle.nodeagent.probe.ProbeChecks;
import dev.coracle.nodeagent.probe.ProbeMetrics;
import dev.coracle.nodeagent.registry.ImageSource;
import dev.coracle.nodeagent.timing.Timers;
import dev.coracle.nodeagent.volume.ProvisionedVolumes;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One node without containers. {@link #start} returns when it is ready for pods; it ends with the
 * process.
 */
final class HollowNode {

    private static final Machine MACHINE =
            new Machine(
                    "hollow",
                    "hollow",
                    "hollow",
                    "hollow",
                    "Linux",
                    "amd64",
                    32,
                    256L << 30,
                    1L << 40);
    private static final long POD_RANGE_SECONDS = 120;

    private final String name;
    private final String address;
    private final Shared shared;
    private final KubernetesClient client;

    /**
     * What the nodes of one process share.
     *
     * @param folder state of the nodes' pods
     * @param ranges each node's pod range, as soon as it is known
     */
    record Shared(
            Path folder,
            Timers timers,
            InstantSource clock,
            PodRanges ranges,
            SharedIndexInformer<Node> nodes,
            SharedIndexInformer<Service> services) {}

    /** Who knows the pod ranges of nodes. */
    @FunctionalInterface
    interface PodRanges {
        CompletableFuture<String> of(String node);
    }

    HollowNode(String name, String address, Shared shared, KubernetesClient client) {
        this.name = name;
        this.address = address;
        this.shared = shared;
        this.client = client;
    }

    void start() throws IOException {
        Path folder = Files.createDirectories(shared.folder().resolve(name));
        ImageStore images =
                new ImageStore(
                        folder.resolve("images.d"),
                        new ImageFolder(folder.resolve("images")),
                        List.of("/bin/true"));
        EventRecorder events = new EventRecorder(client, name, shared.clock());
        HollowRuntime runtime = new HollowRuntime();
        NodeRegistration registration =
                new NodeRegistration(
                        client,
                        new NodeRegistration.NodeIdentity(
                                name, address, MACHINE, runtime.version(), images::list),
                        shared.timers(),
                        shared.clock(),
                        events);
        Node _ = registration.register();
        PodHost.Tools tools =
                new PodHost.Tools(
                        new KubernetesPodApi(client, events),
                        runtime,
                        images,
                        ImageSource.none(),
                        new HollowLinks(Cidr.of(range())),
                        new ProbeChecks(
                                NetworkNamespace.host(), new ProbeMetrics(), shared.clock()),
                        Cgroups.none("the node is hollow"),
                        new ProvisionedVolumes(folder.resolve("volumes")),
                        shared.timers(),
                        shared.clock());
        Pods pods =
                new Pods(
                        new PodHost(
                                name,
                                address,
                                folder,
                                folder.resolve("handles"),
                                "10.96.0.10",
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(5),
                                tools,
                                () -> shared.services().getStore().list(),
                                () ->
                                        Optional.ofNullable(
                                                shared.nodes().getStore().getByKey(name))));
        var _ = client.pods().inAnyNamespace().withField("spec.nodeName", name).inform(pods);
        registration.ready();
    }

    private String range() throws IOException {
        try {
            return shared.ranges().of(name).get(POD_RANGE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("node '" + name + "' was given no spec.podCIDR", e);
        }
    }
}
