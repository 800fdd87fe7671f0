package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Containers as plain processes of this user, for hosts without namespaces: each run is a session
 * of its own, with log, environment and exit code, and sees the host as it is.
 *
 * <p>What cannot be without namespaces is refused when a sandbox or container is made.
 */
public final class PlainRuntime implements ContainerRuntime, AutoCloseable {

    private final InstantSource clock;
    private final HostTools tools;
    private final OutputCollector collector;
    private final PodAddress addresses;

    /** Where a pod is to listen. */
    @FunctionalInterface
    public interface PodAddress {
        String of(String sandboxId) throws IOException;
    }

    /**
     * A runtime on this host.
     *
     * @throws IOException if a tool is missing
     */
    public PlainRuntime(InstantSource clock, PodAddress addresses) throws IOException {
        this.clock = clock;
        this.tools = HostTools.find();
        this.collector = OutputCollector.start();
        this.addresses = addresses;
    }

    @Override
    public String version() {
        return "coracle://0.1.0";
    }

    @Override
    public Optional<String> reservation(ContainerSpec spec) {
        List<ContainerSpec.Mount> mounts = PlainEnvironment.named(spec);
        return mounts.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "nothing can be mounted in container '"
                                + spec.name()
                                + "' in this fabric: "
                                + String.join(
                                        ", ",
                                        mounts.stream()
                                                .map(mount ->
                                                        mount.target()
                                                                + " is where "
                                                                + PlainEnvironment.variable(mount)
                                                                + " says")
                                                .toList()));
    }

    @Override
    public PodSandbox createSandbox(SandboxSpec spec) throws IOException {
        Mounts.removeBelow(spec.folder());
        Files.createDirectories(spec.folder());
        return sandbox(spec);
    }

    @Override
    public Optional<PodSandbox> findSandbox(SandboxSpec spec) throws IOException {
        return Files.isDirectory(spec.folder()) ? Optional.of(sandbox(spec)) : Optional.empty();
    }

    private PodSandbox sandbox(SandboxSpec spec) throws IOException {
        return new PlainSandbox(spec, addresses.of(spec.id()), tools, clock, collector);
    }

    @Override
    public void discard(Path namespaces, Path folder) throws IOException {
        endRuns(folder.resolve("runs"));
        Mounts.removeBelow(folder);
    }

    /** Kills what is left of all pods of nodes with their state in {@code nodes}. */
    public static void endAll(Path nodes) throws IOException {
        if (!Files.isDirectory(nodes)) {
            return;
        }
        try (Stream<Path> all = Files.list(nodes)) {
            for (Path node : all.toList()) {
                Path pods = node.resolve("pods");
                if (Files.isDirectory(pods)) {
                    try (Stream<Path> each = Files.list(pods)) {
                        for (Path pod : each.toList()) {
                            endRuns(pod.resolve("sandbox").resolve("runs"));
                        }
                    }
                }
            }
        }
    }

    private static void endRuns(Path runs) throws IOException {
        if (!Files.isDirectory(runs)) {
            return;
        }
        try (Stream<Path> all = Files.list(runs)) {
            for (Path run : all.toList()) {
                RunRecord.read(new RunFolder(run).record()).ifPresent(PlainContainer::killSession);
            }
        }
    }

    /** Containers go on; their output is followed no longer. */
    @Override
    public void close() {
        collector.close();
    }
}
