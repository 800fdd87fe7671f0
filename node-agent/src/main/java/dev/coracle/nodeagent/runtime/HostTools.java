package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Tool;
import java.io.IOException;

/**
 * Absolute paths of the tools that start a container.
 *
 * @param script empty if it is not installed: no container has a terminal then
 * @param fallocate empty if it is not installed: raw output is not given back to the disk then
 */
record HostTools(
        String nsenter,
        String unshare,
        String shell,
        String mount,
        String mkdir,
        String cp,
        String pivotRoot,
        String umount,
        String env,
        String setpriv,
        String setsid,
        String mkfifo,
        String sleep,
        String script,
        String fallocate) {

    static HostTools find() throws IOException {
        return new HostTools(
                path("nsenter"),
                path("unshare"),
                path("sh"),
                path("mount"),
                path("mkdir"),
                path("cp"),
                path("pivot_root"),
                path("umount"),
                path("env"),
                path("setpriv"),
                path("setsid"),
                path("mkfifo"),
                path("sleep"),
                optional("script"),
                optional("fallocate"));
    }

    private static String path(String tool) throws IOException {
        return Tool.find(tool)
                .orElseThrow(() -> new IOException("'" + tool + "' is not installed"))
                .toString();
    }

    private static String optional(String tool) {
        return Tool.find(tool).map(Object::toString).orElse("");
    }
}
