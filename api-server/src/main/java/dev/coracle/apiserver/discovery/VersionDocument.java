package dev.coracle.apiserver.discovery;

import dev.coracle.apiserver.object.Json;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /version}: the Kubernetes version whose API is served. */
public final class VersionDocument {

    private VersionDocument() {}

    public static ObjectNode get() {
        return Json.newObject()
                .put("major", "1")
                .put("minor", "33")
                .put("gitVersion", "v1.33.0+coracle")
                .put("gitCommit", "0000000000000000000000000000000000000000")
                .put("gitTreeState", "clean")
                .put("buildDate", "1970-01-01T00:00:00Z")
                .put("goVersion", "none")
                .put("compiler", "javac")
                .put("platform", "linux/" + architecture());
    }

    private static String architecture() {
        String name = System.getProperty("os.arch", "");
        return name.equals("aarch64") ? "arm64" : name;
    }
}
