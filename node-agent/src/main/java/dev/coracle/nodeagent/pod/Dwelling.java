package dev.coracle.nodeagent.pod;

import dev.coracle.fabric.island.Mounts;
import dev.coracle.nodeagent.cgroup.ContainerCgroup;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.runtime.ExitStatus;
import dev.coracle.nodeagent.runtime.PodSandbox;
import dev.coracle.nodeagent.runtime.SandboxSpec;
import dev.coracle.nodeagent.volume.MissingObjectException;
import dev.coracle.nodeagent.volume.PodVolumes;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a pod lives in: volumes, a place in the network, a sandbox. Confined to its worker. */
final class Dwelling implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Dwelling.class);

    private final PodHost host;
    private final String uid;
    private final Path folder;
    private final PodVolumes volumes;
    private final PodSandbox sandbox;
    private final PodLinks.@Nullable Attachment attachment;
    private final String address;

    private Dwelling(
            PodHost host,
            String uid,
            Path folder,
            PodVolumes volumes,
            PodSandbox sandbox,
            PodLinks.@Nullable Attachment attachment,
            String address) {
        this.host = host;
        this.uid = uid;
        this.folder = folder;
        this.volumes = volumes;
        this.sandbox = sandbox;
        this.attachment = attachment;
        this.address = address;
    }

    /**
     * Makes everything a pod's containers need; nothing stays behind if it fails.
     *
     * @throws MissingObjectException if a volume's object is missing
     */
    static Dwelling make(Pod pod, PodHost host, PodFacts facts)
            throws IOException, MissingObjectException {
        String id = Objects.requireNonNull(pod.getMetadata().getUid());
        Path folder = host.folder().resolve("pods").resolve(id);
        Files.createDirectories(folder.resolve("containers"));
        boolean hostNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
        PodLinks network = host.tools().network();
        PodLinks.Attachment attachment = hostNetwork ? null : network.attach(id, hostPorts(pod));
        String address = attachment == null ? host.nodeAddress() : attachment.address();
        Path namespace = attachment == null ? network.nodeNamespace() : attachment.namespace();
        PodVolumes volumes =
                new PodVolumes(
                        folder.resolve("volumes"),
                        host.tools().provisioned(),
                        host.tools().api(),
                        host.tools().clock());
        try {
            SandboxSpec spec = spec(pod, host, folder, address, namespace);
            FutureTask<PodSandbox> sandbox =
                    new FutureTask<>(() -> host.tools().runtime().createSandbox(spec));
            // the one waits for processes, the other for the API server
            Thread _ = Thread.ofVirtual().name("sandbox-" + id).start(sandbox);
            try {
                volumes.make(facts.withPodAddress(address).fields(pod, host.node().get()));
            } catch (IOException | MissingObjectException | RuntimeException e) {
                await(sandbox).close();
                throw e;
            }
            return new Dwelling(host, id, folder, volumes, await(sandbox), attachment, address);
        } catch (IOException | MissingObjectException | RuntimeException e) {
            if (attachment != null) {
                network.detach(attachment);
            }
            throw e;
        }
    }

    private static PodSandbox await(FutureTask<PodSandbox> sandbox) throws IOException {
        try {
            return sandbox.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known
                    ? known
                    : new IOException(String.valueOf(e.getCause()), e);
        }
    }

    /** The one that an earlier agent made, if all of it is still there. */
    static Optional<Dwelling> find(Pod pod, PodHost host, PodFacts facts)
            throws IOException, MissingObjectException {
        String id = Objects.requireNonNull(pod.getMetadata().getUid());
        Path folder = host.folder().resolve("pods").resolve(id);
        if (!Files.isDirectory(folder.resolve("sandbox"))) {
            return Optional.empty();
        }
        boolean hostNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
        PodLinks network = host.tools().network();
        Optional<PodLinks.Attachment> attachment =
                hostNetwork ? Optional.empty() : network.find(id, hostPorts(pod));
        if (attachment.isEmpty() && !hostNetwork) {
            return Optional.empty();
        }
        String address = attachment.map(PodLinks.Attachment::address).orElse(host.nodeAddress());
        Path namespace =
                attachment.map(PodLinks.Attachment::namespace).orElse(network.nodeNamespace());
        PodVolumes volumes =
                new PodVolumes(
                        folder.resolve("volumes"),
                        host.tools().provisioned(),
                        host.tools().api(),
                        host.tools().clock());
        Optional<PodSandbox> sandbox =
                host.tools().runtime().findSandbox(spec(pod, host, folder, address, namespace));
        if (sandbox.isEmpty()) {
            if (attachment.isPresent()) {
                network.detach(attachment.get());
            }
            return Optional.empty();
        }
        volumes.make(facts.withPodAddress(address).fields(pod, host.node().get()));
        return Optional.of(
                new Dwelling(
                        host,
                        id,
                        folder,
                        volumes,
                        sandbox.get(),
                        attachment.orElse(null),
                        address));
    }

    /** Ends and removes what an earlier agent left of pods that are no more. */
    static void discardAllBut(Set<String> uids, PodHost host) {
        Path pods = host.folder().resolve("pods");
        if (!Files.isDirectory(pods)) {
            return;
        }
        try (Stream<Path> folders = Files.list(pods)) {
            for (Path folder : folders.toList()) {
                String id = folder.getFileName().toString();
                if (!uids.contains(id)) {
                    host.tools()
                            .runtime()
                            .discard(host.handles().resolve(id), folder.resolve("sandbox"));
                    Optional<PodLinks.Attachment> place =
                            host.tools().network().find(id, List.of());
                    if (place.isPresent()) {
                        host.tools().network().detach(place.get());
                    }
                    host.tools().cgroups().remove(id);
                    Mounts.removeBelow(folder);
                }
            }
        } catch (IOException e) {
            log.warn("what is left of earlier pods is not wholly removed: {}", e.toString());
        }
    }

    private static SandboxSpec spec(
            Pod pod, PodHost host, Path folder, String address, Path namespace) throws IOException {
        Map<String, String> sysctls = new LinkedHashMap<>();
        if (pod.getSpec().getSecurityContext() != null) {
            for (Sysctl sysctl : pod.getSpec().getSecurityContext().getSysctls()) {
                sysctls.put(sysctl.getName(), sysctl.getValue());
            }
        }
        String id = Objects.requireNonNull(pod.getMetadata().getUid());
        return new SandboxSpec(
                id,
                PodFiles.hostname(pod, host.nodeName()),
                namespace,
                PodFiles.hosts(pod, address, read("/etc/hosts")),
                PodFiles.resolvConf(pod, host.dnsAddress(), read("/etc/resolv.conf")),
                new SandboxSpec.Sharing(
                        Boolean.TRUE.equals(pod.getSpec().getHostNetwork()),
                        Boolean.TRUE.equals(pod.getSpec().getHostPID()),
                        Boolean.TRUE.equals(pod.getSpec().getHostIPC()),
                        Boolean.TRUE.equals(pod.getSpec().getShareProcessNamespace())),
                sysctls,
                host.handles().resolve(id),
                folder.resolve("sandbox"));
    }

    private static List<PodLinks.HostPort> hostPorts(Pod pod) {
        List<PodLinks.HostPort> ports = new ArrayList<>();
        for (Container container : PodRules.containers(pod)) {
            for (ContainerPort port : container.getPorts()) {
                if (port.getHostPort() != null && port.getHostPort() > 0) {
                    ports.add(
                            new PodLinks.HostPort(
                                    Objects.requireNonNullElse(port.getHostIP(), ""),
                                    port.getHostPort(),
                                    Objects.requireNonNullElse(port.getProtocol(), "TCP"),
                                    port.getContainerPort()));
                }
            }
        }
        return ports;
    }

    private static String read(String file) throws IOException {
        Path path = Path.of(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    PodSandbox sandbox() {
        return sandbox;
    }

    PodVolumes volumes() {
        return volumes;
    }

    /** The network namespace it is in. */
    Path network() {
        return attachment == null ? host.tools().network().nodeNamespace() : attachment.namespace();
    }

    String address() {
        return address;
    }

    /** The file that says why a container's program could not be started. */
    Path startError(String container) {
        return folder.resolve("containers").resolve(container + ".error");
    }

    /** The file that a container may write its last words to. */
    Path message(String container) {
        return folder.resolve("containers").resolve(container + ".message");
    }

    /** What a run that has ended left behind. */
    Postmortem postmortem(ContainerLife life, ExitStatus status) {
        ContainerCgroup cgroup = life.cgroup;
        return Postmortem.of(
                life.container,
                status,
                new Postmortem.Traces(startError(life.name()), message(life.name()), life.log),
                !status.isSuccess() && cgroup != null && cgroup.outOfMemoryKills() > 0);
    }

    @Override
    public void close() {
        sandbox.close();
        if (attachment != null) {
            try {
                host.tools().network().detach(attachment);
            } catch (IOException e) {
                log.warn("pod address {} is not freed: {}", address, e.getMessage());
            }
        }
        host.tools().cgroups().remove(uid);
        try {
            Mounts.removeBelow(folder);
        } catch (IOException e) {
            log.warn("folder '{}' is not removed: {}", folder, e.getMessage());
        }
    }
}
