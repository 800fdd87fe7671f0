package dev.coracle.nodeagent.runtime;

import java.nio.file.Path;
import java.util.Map;

/**
 * What the containers of one pod share.
 *
 * @param id unique on the node
 * @param hostname seen by {@code hostname}
 * @param networkNamespace path of an existing namespace
 * @param hosts content of {@code /etc/hosts}
 * @param resolvConf content of {@code /etc/resolv.conf}
 * @param sharing what they share with the node or with each other
 * @param sysctls kernel settings of their namespaces
 * @param namespaces folder for the handles of the shared namespaces; made and removed by the
 *     runtime
 * @param folder the sandbox's own files; made and removed by the runtime
 */
public record SandboxSpec(
        String id,
        String hostname,
        Path networkNamespace,
        String hosts,
        String resolvConf,
        Sharing sharing,
        Map<String, String> sysctls,
        Path namespaces,
        Path folder) {

    public SandboxSpec {
        sysctls = Map.copyOf(sysctls);
        if (id.isEmpty() || hostname.isEmpty()) {
            throw new IllegalArgumentException("a sandbox needs an id and a hostname");
        }
    }

    /**
     * Which namespaces are not a container's or pod's own.
     *
     * @param hostNetwork the network, and with it the host name, is the node's
     * @param hostPid it sees the node's processes
     * @param hostIpc it shares memory with the node
     * @param podPid its containers see each other's processes
     */
    public record Sharing(boolean hostNetwork, boolean hostPid, boolean hostIpc, boolean podPid) {

        public static final Sharing NONE = new Sharing(false, false, false, false);
    }
}
