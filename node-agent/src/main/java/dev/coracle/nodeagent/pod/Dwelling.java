package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.runtime.PodSandbox;
import dev.coracle.nodeagent.runtime.SandboxSpec;
import dev.coracle.nodeagent.volume.MissingObjectException;
import dev.coracle.nodeagent.volume.PodVolumes;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a pod lives in: volumes, a place in the network, a sandbox. Confined to its worker. */
final class Dwelling implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Dwelling.class);

    private final PodHost host;
    private final PodVolumes volumes;
    private final PodSandbox sandbox;
    private final PodLinks.@Nullable Attachment attachment;
    private final String address;

    private Dwelling(
            PodHost host,
            PodVolumes volumes,
            PodSandbox sandbox,
            PodLinks.@Nullable Attachment attachment,
            String address) {
        this.host = host;
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
        PodVolumes volumes = new PodVolumes(folder.resolve("volumes"));
        volumes.make(pod, host.tools().api());
        boolean hostNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
        PodLinks network = host.tools().network();
        PodLinks.Attachment attachment = hostNetwork ? null : network.attach(id);
        String address = attachment == null ? host.nodeAddress() : attachment.address();
        Path namespace = attachment == null ? network.nodeNamespace() : attachment.namespace();
        String hostname = ContainerEnvironment.hostname(pod, facts);
        try {
            PodSandbox sandbox =
                    host.tools()
                            .runtime()
                            .createSandbox(
                                    new SandboxSpec(
                                            id,
                                            hostname,
                                            namespace,
                                            hosts(pod, address, hostname),
                                            resolvConf(pod, host.dnsAddress()),
                                            host.handles().resolve(id),
                                            folder.resolve("sandbox")));
            return new Dwelling(host, volumes, sandbox, attachment, address);
        } catch (IOException e) {
            if (attachment != null) {
                network.detach(attachment);
            }
            throw e;
        }
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
    }

    static String hosts(Pod pod, String address, String hostname) {
        StringBuilder text =
                new StringBuilder("# made by node-agent\n127.0.0.1\tlocalhost\n::1\tlocalhost\n");
        String subdomain = pod.getSpec().getSubdomain();
        text.append(address).append('\t');
        if (subdomain != null && !subdomain.isEmpty()) {
            text.append(hostname).append('.').append(subdomain).append('.');
            text.append(pod.getMetadata().getNamespace()).append(".svc.cluster.local\t");
        }
        text.append(hostname).append('\n');
        for (HostAlias alias : pod.getSpec().getHostAliases()) {
            text.append(alias.getIp()).append('\t');
            text.append(String.join("\t", alias.getHostnames())).append('\n');
        }
        return text.toString();
    }

    static String resolvConf(Pod pod, String dnsAddress) {
        String namespace = pod.getMetadata().getNamespace();
        return "search "
                + namespace
                + ".svc.cluster.local svc.cluster.local cluster.local\nnameserver "
                + dnsAddress
                + "\noptions ndots:5\n";
    }
}
