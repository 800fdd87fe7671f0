package dev.coracle.cluster.fabric;

import java.util.Locale;

/** What carries a cluster's traffic. */
public enum Fabric {
    /** Network namespaces of the host, made by root. */
    NETNS,
    /** The same inside a user namespace. */
    ROOTLESS,
    /** Plain processes on loopback addresses. */
    LOOPBACK;

    /** As the command line has it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
