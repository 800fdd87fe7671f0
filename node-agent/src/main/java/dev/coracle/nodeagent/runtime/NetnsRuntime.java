package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Containers as host processes in namespaces, through unshare and nsenter. */
public final class NetnsRuntime implements ContainerRuntime, AutoCloseable {

    private final InstantSource clock;
    private final HostTools tools;
    private final OutputCollector collector;

    /**
     * A runtime on this host.
     *
     * @throws IOException if a tool is missing
     */
    public NetnsRuntime(InstantSource clock) throws IOException {
        this.clock = clock;
        this.tools = HostTools.find();
        this.collector = OutputCollector.start();
    }

    @Override
    public String version() {
        return "coracle://0.1.0";
    }

    @Override
    public PodSandbox createSandbox(SandboxSpec spec) throws IOException {
        Mounts.removeBelow(spec.namespaces());
        Mounts.removeBelow(spec.folder());
        Files.createDirectories(spec.folder().resolve("etc"));
        Files.createDirectories(spec.namespaces());
        Files.writeString(spec.folder().resolve("etc/hosts"), spec.hosts());
        Files.writeString(spec.folder().resolve("etc/resolv.conf"), spec.resolvConf());
        Files.writeString(spec.folder().resolve("etc/hostname"), spec.hostname() + "\n");
        Path uts = Files.createFile(spec.namespaces().resolve("uts"));
        Path ipc = Files.createFile(spec.namespaces().resolve("ipc"));
        String _ =
                Tool.run(
                        List.of(
                                tools.unshare(),
                                "--uts=" + uts,
                                "--ipc=" + ipc,
                                tools.hostname(),
                                spec.hostname()),
                        "");
        return new NetnsSandbox(spec, tools, clock, collector);
    }

    @Override
    public Optional<PodSandbox> findSandbox(SandboxSpec spec) throws IOException {
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        for (String namespace : List.of("uts", "ipc")) {
            if (!mounts.contains(" " + spec.namespaces().resolve(namespace) + " ")) {
                return Optional.empty();
            }
        }
        return Optional.of(new NetnsSandbox(spec, tools, clock, collector));
    }

    /** Containers go on; their output is followed no longer. */
    @Override
    public void close() {
        collector.close();
    }
}
