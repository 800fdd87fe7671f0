package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Tool;
import java.io.IOException;

/** Absolute paths of the tools that start a container. */
record HostTools(
        String nsenter,
        String unshare,
        String shell,
        String mount,
        String mkdir,
        String cp,
        String chroot,
        String env,
        String hostname) {

    static HostTools find() throws IOException {
        return new HostTools(
                path("nsenter"),
                path("unshare"),
                path("sh"),
                path("mount"),
                path("mkdir"),
                path("cp"),
                path("chroot"),
                path("env"),
                path("hostname"));
    }

    private static String path(String tool) throws IOException {
        return Tool.find(tool)
                .orElseThrow(() -> new IOException("'" + tool + "' is not installed"))
                .toString();
    }
}
