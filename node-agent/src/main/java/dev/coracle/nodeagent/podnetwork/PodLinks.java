package dev.coracle.nodeagent.podnetwork;

import java.io.IOException;
import java.nio.file.Path;

/** Gives pods their place in the network. Thread-safe, blocks. */
public interface PodLinks {

    /**
     * Makes a namespace with one link and a fresh address.
     *
     * @param id unique on the node, letters, digits and dashes
     */
    Attachment attach(String id) throws IOException;

    /** Removes the pod's namespace, with what still runs in it, and frees its address. */
    void detach(Attachment attachment) throws IOException;

    /** The namespace of pods that use the node's network. */
    Path nodeNamespace();

    /**
     * A pod's place in the network.
     *
     * @param address its IP
     * @param namespace path of its network namespace
     */
    record Attachment(String id, String address, Path namespace) {}
}
