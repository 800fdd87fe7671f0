package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sandbox whose namespaces are kept by bind mounts: no process holds them. */
final class NetnsSandbox implements PodSandbox {

    private static final Logger log = LoggerFactory.getLogger(NetnsSandbox.class);
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final SandboxSpec spec;
    private final HostTools tools;
    private final InstantSource clock;
    private final Set<NetnsContainer> running = ConcurrentHashMap.newKeySet();

    NetnsSandbox(SandboxSpec spec, HostTools tools, InstantSource clock) {
        this.spec = spec;
        this.tools = tools;
        this.clock = clock;
    }

    @Override
    public RunningContainer start(ContainerSpec container) throws IOException {
        String id = newId();
        Path root = spec.folder().resolve("root-" + container.name());
        Files.createDirectories(root);
        String script =
                LaunchScript.of(
                        tools,
                        root,
                        spec.folder().resolve("etc"),
                        LaunchScript.nodeMounts(
                                Files.readAllLines(Path.of("/proc/self/mountinfo"))),
                        container);
        List<String> command =
                List.of(
                        tools.nsenter(),
                        "--net=" + spec.networkNamespace(),
                        "--uts=" + spec.namespaces().resolve("uts"),
                        "--ipc=" + spec.namespaces().resolve("ipc"),
                        tools.unshare(),
                        "--mount",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--propagation",
                        "private",
                        tools.shell(),
                        "-c",
                        script);
        CriLog output = CriLog.open(container.log(), clock);
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
        builder.directory(spec.folder().toFile());
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().putAll(container.env());
        Process process = builder.start();
        process.getOutputStream().close();
        output.pump(process.getInputStream(), "stdout");
        output.pump(process.getErrorStream(), "stderr");
        NetnsContainer started = new NetnsContainer(id, process, tools, container.env());
        running.add(started);
        CompletableFuture<Void> _ = started.exit().thenRun(() -> running.remove(started));
        return started;
    }

    @Override
    public void close() {
        List<NetnsContainer> dying = List.copyOf(running);
        dying.forEach(NetnsContainer::kill);
        try {
            for (NetnsContainer container : dying) {
                ExitStatus _ = container.exit().get(5, TimeUnit.SECONDS);
            }
            Mounts.removeBelow(spec.namespaces());
            Mounts.removeBelow(spec.folder());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException | ExecutionException | TimeoutException e) {
            log.warn("sandbox '{}' is not wholly removed: {}", spec.id(), e.toString());
        }
    }

    private static String newId() {
        byte[] bytes = new byte[32];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
