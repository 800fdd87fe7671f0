package dev.coracle.nodeagent.podnetwork;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.UserPorts;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.forwarder.ForwardedPort;
import dev.coracle.forwarder.Forwarder;
import dev.coracle.forwarder.ForwarderOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pods of a node whose place is a loopback address: nothing is made, and nothing keeps a process
 * from using another's. Thread-safe.
 */
public final class LoopbackLinks implements PodLinks, AutoCloseable {

    private final String nodeAddress;
    private final PodAddresses addresses;
    private final Path folder;
    private final Forwarder forwarder = Forwarder.create(ForwarderOptions.defaults());
    private final Map<String, List<ForwardedPort>> hostPorts = new ConcurrentHashMap<>();

    /** Addresses of {@code podCidr}; who has which is kept in {@code folder}. */
    public LoopbackLinks(String nodeAddress, Cidr podCidr, Path folder) throws IOException {
        this.nodeAddress = nodeAddress;
        this.addresses = new PodAddresses(podCidr);
        this.folder = Files.createDirectories(folder);
    }

    @Override
    public Attachment attach(String id, List<HostPort> ports) throws IOException {
        String address = addresses.allocate();
        try {
            Files.writeString(folder.resolve(id), address);
            open(id, address, ports);
        } catch (IOException e) {
            detach(new Attachment(id, address, NetworkNamespace.OWN, ports));
            throw e;
        }
        return new Attachment(id, address, NetworkNamespace.OWN, ports);
    }

    @Override
    public Optional<Attachment> find(String id, List<HostPort> ports) throws IOException {
        Path file = folder.resolve(id);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String address = Files.readString(file);
        if (!addresses.take(address)) {
            return Optional.empty();
        }
        open(id, address, ports);
        return Optional.of(new Attachment(id, address, NetworkNamespace.OWN, ports));
    }

    @Override
    public void detach(Attachment attachment) throws IOException {
        List<ForwardedPort> opened = hostPorts.remove(attachment.id());
        if (opened != null) {
            opened.forEach(ForwardedPort::close);
        }
        Files.deleteIfExists(folder.resolve(attachment.id()));
        addresses.release(attachment.address());
    }

    @Override
    public Path nodeNamespace() {
        return NetworkNamespace.OWN;
    }

    /** The address of a pod; that of the node for one that uses the node's. */
    public String address(String id) throws IOException {
        Path file = folder.resolve(id);
        return Files.exists(file) ? Files.readString(file) : nodeAddress;
    }

    private void open(String id, String address, List<HostPort> ports) throws IOException {
        List<ForwardedPort> opened = new ArrayList<>();
        hostPorts.put(id, opened);
        for (HostPort port : ports) {
            if (UserPorts.here().of(port.port()) != port.port()) {
                throw new IOException(
                        "hostPort %d cannot be opened by this user: the lowest is %d"
                                .formatted(port.port(), UserPorts.here().first()));
            }
            boolean any = port.address().isEmpty() || port.address().equals("0.0.0.0");
            InetSocketAddress at = socket(any ? nodeAddress : port.address(), port.port());
            List<InetSocketAddress> pod = List.of(socket(address, port.podPort()));
            NetworkNamespace host = NetworkNamespace.host();
            opened.add(
                    switch (port.protocol()) {
                        case "TCP" -> forwarder.listenTcp(host, at, host, _ -> pod);
                        case "UDP" -> forwarder.listenUdp(host, at, host, _ -> pod);
                        default ->
                                throw new IOException("hostPort with protocol " + port.protocol());
                    });
        }
    }

    private static InetSocketAddress socket(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Override
    public void close() {
        forwarder.close();
    }
}
