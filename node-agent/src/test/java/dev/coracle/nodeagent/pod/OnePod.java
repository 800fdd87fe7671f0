package dev.coracle.nodeagent.pod;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.cgroup.Cgroups;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.ImageStore;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.probe.ProbeChecks;
import dev.coracle.nodeagent.probe.ProbeMetrics;
import dev.coracle.nodeagent.registry.ImageSource;
import dev.coracle.nodeagent.runtime.FakeContainerRuntime;
import dev.coracle.nodeagent.timing.VirtualTimers;
import dev.coracle.nodeagent.volume.ProvisionedVolumes;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A worker of one pod on a fake runtime and API, in virtual time. */
final class OnePod implements AutoCloseable {

    final VirtualTimers time = new VirtualTimers();
    final FakeContainerRuntime runtime = new FakeContainerRuntime();
    final FakePodApi api = new FakePodApi(time);
    private final PodWorker worker;
    private final Pod pod;

    OnePod(Path folder, Pod pod) {
        this(folder, pod, ImageSource.none());
    }

    OnePod(Path folder, Pod pod, ImageSource source) {
        this.pod = pod;
        PodHost host =
                new PodHost(
                        "node-1",
                        "10.89.0.11",
                        folder,
                        folder.resolve("handles"),
                        "10.96.0.10",
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(5),
                        new PodHost.Tools(
                                api,
                                runtime,
                                new ImageStore(
                                        folder.resolve("images.d"),
                                        new ImageFolder(folder.resolve("images")),
                                        List.of("echo")),
                                source,
                                new Nowhere(),
                                new ProbeChecks(NetworkNamespace.host(), new ProbeMetrics(), time),
                                Cgroups.none("a test"),
                                new ProvisionedVolumes(folder.resolve("claimed")),
                                time,
                                time),
                        List::of,
                        Optional::empty);
        worker = new PodWorker(pod, host, new NodeFit(host.node()), _ -> {});
    }

    OnePod start() {
        Thread _ = worker.start();
        return this;
    }

    /** The newest run of a container, once there is one. */
    FakeContainerRuntime.Run run(String container) {
        return Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () ->
                                runtime.runs().reversed().stream()
                                        .filter(run -> run.spec().name().equals(container))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    void delete(long graceSeconds) {
        worker.signal(
                new PodSignal.Changed(
                        new PodBuilder(pod)
                                .editMetadata()
                                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                                .withDeletionGracePeriodSeconds(graceSeconds)
                                .endMetadata()
                                .build()));
    }

    void signal(PodSignal signal) {
        worker.signal(signal);
    }

    @Override
    public void close() {
        worker.signal(new PodSignal.Stop());
    }

    static Pod pod(UnaryOperator<PodBuilder> change) {
        return change.apply(
                        new PodBuilder()
                                .withNewMetadata()
                                .withNamespace("default")
                                .withName("my-pod")
                                .withUid("7e4d6a10-0000-4000-8000-000000000002")
                                .endMetadata()
                                .withNewSpec()
                                .endSpec())
                .build();
    }

    static ContainerBuilder container(String name) {
        return new ContainerBuilder()
                .withName(name)
                .withImage("coracle/host")
                .withCommand("sleep", "600");
    }

    private static final class Nowhere implements PodLinks {
        @Override
        public Attachment attach(String id, List<HostPort> ports) {
            return new Attachment(id, "10.244.1.2", Path.of("/proc/self/ns/net"), ports);
        }

        @Override
        public void detach(Attachment attachment) {
            // one address for all
        }

        @Override
        public Path nodeNamespace() {
            return Path.of("/proc/self/ns/net");
        }
    }
}
