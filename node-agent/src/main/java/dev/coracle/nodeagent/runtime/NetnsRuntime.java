package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Containers as host processes in namespaces, through unshare and nsenter. */
public final class NetnsRuntime implements ContainerRuntime, AutoCloseable {

    private final InstantSource clock;
    private final HostTools tools;
    private final CarriedTools carried;
    private final OutputCollector collector;

    /**
     * A runtime on this host.
     *
     * @param toolFolder filled for containers of images
     * @throws IOException if a tool is missing
     */
    public NetnsRuntime(InstantSource clock, Path toolFolder) throws IOException {
        this.clock = clock;
        this.tools = HostTools.find();
        this.carried = new CarriedTools(toolFolder, tools);
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
        ContainerMounts.makeDevices(spec.folder());
        Files.createDirectories(spec.folder().resolve("shm"));
        String _ =
                Tool.run(
                        tools.mount(),
                        "-t",
                        "tmpfs",
                        "-o",
                        "nosuid,nodev,noexec,mode=1777,size=64m",
                        NodeMounts.OWN + "shm",
                        spec.folder().resolve("shm").toString());
        String _ = Tool.run(namespaces(spec), "");
        return new NetnsSandbox(spec, tools, carried, clock, collector);
    }

    @Override
    public Optional<PodSandbox> findSandbox(SandboxSpec spec) throws IOException {
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        List<String> kept = spec.sharing().hostIpc() ? List.of("uts") : List.of("uts", "ipc");
        for (String namespace : kept) {
            if (!mounts.contains(" " + spec.namespaces().resolve(namespace) + " ")) {
                return Optional.empty();
            }
        }
        return Optional.of(new NetnsSandbox(spec, tools, carried, clock, collector));
    }

    @Override
    public void discard(Path namespaces, Path folder) throws IOException {
        PodReaper.end(folder);
        Path runs = folder.resolve("runs");
        if (Files.isDirectory(runs)) {
            try (Stream<Path> all = Files.list(runs)) {
                for (Path run : all.toList()) {
                    RunRecord.read(new RunFolder(run).record())
                            .flatMap(RunRecord::process)
                            .ifPresent(NetnsRuntime::killTree);
                }
            }
        }
        Mounts.removeBelow(namespaces);
        Mounts.removeBelow(folder);
    }

    private static void killTree(ProcessHandle shell) {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
    }

    /** Containers go on; their output is followed no longer. */
    @Override
    public void close() {
        collector.close();
    }

    /** Makes the namespaces that are the pod's own, and sets what is set in them. */
    private List<String> namespaces(SandboxSpec spec) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(tools.nsenter());
        command.add("--net=" + spec.networkNamespace());
        command.add(tools.unshare());
        command.add("--uts=" + Files.createFile(spec.namespaces().resolve("uts")));
        if (!spec.sharing().hostIpc()) {
            command.add("--ipc=" + Files.createFile(spec.namespaces().resolve("ipc")));
        }
        StringBuilder script = new StringBuilder("set -e\n");
        String hostname = LaunchScript.quote(spec.hostname());
        // the file is not for the root of a user namespace, the system call is
        script.append("echo ").append(hostname);
        script.append(" 2>/dev/null > /proc/sys/kernel/hostname || hostname ");
        script.append(hostname).append('\n');
        if (!spec.sharing().hostNetwork()) {
            script.append("echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start\n");
        }
        spec.sysctls()
                .forEach((name, value) ->
                        script.append("echo ")
                                .append(LaunchScript.quote(value))
                                .append(" > ")
                                .append(LaunchScript.quote("/proc/sys/" + name.replace('.', '/')))
                                .append('\n'));
        command.addAll(List.of(tools.shell(), "-c", script.toString()));
        return command;
    }
}
