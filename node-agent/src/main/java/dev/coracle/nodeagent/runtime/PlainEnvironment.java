package dev.coracle.nodeagent.runtime;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a plain process is told by variables that a container would find in its place. Pure. */
final class PlainEnvironment {

    private static final String TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String MESSAGE = "/dev/termination-log";

    private PlainEnvironment() {}

    /**
     * What the fabric adds to the variables that the container asks for: {@code POD_IP}, {@code
     * CORACLE_LISTEN_ADDRESS}, and one for each mount. The container's own count for more.
     */
    static Map<String, String> own(ContainerSpec spec, String podAddress) {
        Map<String, String> env = new LinkedHashMap<>();
        env.put("POD_IP", podAddress);
        env.put("CORACLE_LISTEN_ADDRESS", podAddress);
        spec.mounts().forEach(mount -> env.put(variable(mount), mount.source().toString()));
        env.keySet().removeAll(spec.env().keySet());
        return env;
    }

    /** The variable that names the folder or file of a mount. */
    static String variable(ContainerSpec.Mount mount) {
        return "CORACLE_MOUNT"
                + mount.target().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    /** The mounts that the container's author asked for. */
    static List<ContainerSpec.Mount> named(ContainerSpec spec) {
        return spec.mounts().stream()
                .filter(mount -> !mount.target().equals(TOKEN) && !mount.target().equals(MESSAGE))
                .toList();
    }
}
