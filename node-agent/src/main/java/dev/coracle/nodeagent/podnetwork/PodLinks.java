package dev.coracle.nodeagent.podnetwork;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Gives pods their place in the network. Thread-safe, blocks. */
public interface PodLinks {

    /**
     * Makes a namespace with one link and a fresh address.
     *
     * @param id unique on the node, letters, digits and dashes
     * @param ports of the node that lead to it
     */
    Attachment attach(String id, List<HostPort> ports) throws IOException;

    /** The place that an earlier agent made for the same pod, if it is still there. */
    default Optional<Attachment> find(String id, List<HostPort> ports) throws IOException {
        return Optional.empty();
    }

    /** Removes the pod's namespace, with what still runs in it, and frees its address. */
    void detach(Attachment attachment) throws IOException;

    /** The namespace of pods that use the node's network. */
    Path nodeNamespace();

    /**
     * A pod's place in the network.
     *
     * @param address its IP
     * @param namespace path of its network namespace
     * @param ports of the node that lead to it
     */
    record Attachment(String id, String address, Path namespace, List<HostPort> ports) {
        public Attachment {
            ports = List.copyOf(ports);
        }
    }

    /** A port of the node; the address is empty for all of the node's. */
    record HostPort(String address, int port, String protocol, int podPort) {}
}
