package dev.coracle.nodeagent.runtime;

import java.nio.file.Path;

/**
 * What the containers of one pod share.
 *
 * @param id unique on the node
 * @param hostname seen by {@code hostname}
 * @param networkNamespace path of an existing namespace
 * @param hosts content of {@code /etc/hosts}
 * @param resolvConf content of {@code /etc/resolv.conf}
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
        Path namespaces,
        Path folder) {

    public SandboxSpec {
        if (id.isEmpty() || hostname.isEmpty()) {
            throw new IllegalArgumentException("a sandbox needs an id and a hostname");
        }
    }
}
