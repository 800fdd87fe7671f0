package dev.coracle.cluster.command;

import dev.coracle.cluster.AllInOne;
import dev.coracle.cluster.ClusterOptions;
import dev.coracle.cluster.RunFile;
import dev.coracle.cluster.fabric.Fabric;
import dev.coracle.cluster.fabric.FabricChoice;
import dev.coracle.cluster.part.Startup;
import dev.coracle.cluster.part.StartupException;
import dev.coracle.cluster.rootless.RootlessRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coracle up}: starts the cluster and stays until it is told to end. */
@Command(
        name = "up",
        description = "Start the cluster; ends with it on ctrl-C or 'coracle down'.",
        mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {

    @Mixin private DataOption data = new DataOption();

    @Option(
            names = "--nodes",
            description = "how many nodes (default: ${DEFAULT-VALUE})",
            defaultValue = "3")
    private int nodes;

    @Option(
            names = "--api-port",
            description = "the API server's port on 127.0.0.1 (default: ${DEFAULT-VALUE})",
            defaultValue = "6443")
    private int apiPort;

    @Option(
            names = "--cloud-port",
            description =
                    "the load balancer provider's port on 127.0.0.1 (default: ${DEFAULT-VALUE})",
            defaultValue = "8092")
    private int cloudPort;

    @Option(
            names = "--dns-port",
            description =
                    "cluster DNS on 127.0.0.1, for the host's programs; 0 is none (default:"
                            + " ${DEFAULT-VALUE})",
            defaultValue = "1053")
    private int dnsPort;

    @Option(
            names = "--dns-rules",
            paramLabel = "FILE",
            description = "names, addresses and stub zones of one's own (dns-service/README.md)",
            defaultValue = "")
    private String dnsRules = "";

    @Option(
            names = "--database",
            paramLabel = "URL",
            description =
                    "an R2DBC URL of a PostgreSQL database for the objects, for instance"
                            + " r2dbc:postgresql://user:password@host/name (default: a file in"
                            + " --data)",
            defaultValue = "")
    private String database = "";

    @Option(
            names = "--proxy",
            description =
                    "how nodes carry Services: auto, nftables or userspace (default:"
                            + " ${DEFAULT-VALUE})",
            defaultValue = "auto")
    private String proxy = "auto";

    @Option(
            names = "--default-registry",
            paramLabel = "HOST",
            description =
                    "where images come from whose names say no registry, for instance docker.io"
                            + " (default: they are not pulled)",
            defaultValue = "")
    private String defaultRegistry = "";

    @Option(
            names = "--registry-ca",
            paramLabel = "FILE",
            description =
                    "certificates of further authorities that registries may have theirs from",
            defaultValue = "")
    private String registryCa = "";

    @Option(
            names = "--fabric",
            description =
                    "what carries the traffic: auto, netns (root), rootless (a user namespace) or"
                            + " loopback (no rights) (default: ${DEFAULT-VALUE})",
            defaultValue = "auto")
    private String fabric = "auto";

    @Option(
            names = "--detach",
            description = "return when the cluster is ready, and leave it running")
    private boolean detached;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (detached) {
            throw new StartupException("--detach is for the launcher: run ./coracle up --detach");
        }
        if (!proxy.matches("auto|nftables|userspace")) {
            throw new StartupException(
                    "--proxy must be auto, nftables or userspace, not '" + proxy + "'");
        }
        FabricChoice choice = FabricChoice.of(fabric);
        PrintWriter out = spec.commandLine().getOut();
        ClusterOptions options =
                new ClusterOptions(
                        nodes,
                        data.path(),
                        apiPort,
                        cloudPort,
                        new ClusterOptions.Dns(dnsPort, dnsRules),
                        database,
                        proxy,
                        new ClusterOptions.Registries(defaultRegistry, registryCa),
                        choice);
        if (!registryCa.isEmpty() && !Files.isReadable(Path.of(registryCa))) {
            throw new StartupException("--registry-ca: there is no file '" + registryCa + "'");
        }
        refuseSecond();
        Ports.refuseIfTaken("--api-port", apiPort);
        Ports.refuseIfTaken("--cloud-port", cloudPort);
        if (dnsPort != 0) {
            Ports.refuseIfTaken("--dns-port", dnsPort);
        }
        Files.createDirectories(options.data());
        if (choice.fabric() == Fabric.ROOTLESS && RootlessRun.socketInside() == null) {
            return inside(options);
        }
        long start = System.nanoTime();
        Startup startup =
                new Startup(
                        part -> {
                            synchronized (out) {
                                out.printf(
                                        Locale.ROOT,
                                        "  %-18s %-5.2f s  %s%n",
                                        part.name(),
                                        (System.nanoTime() - start) / 1e9,
                                        part.describe().get());
                                out.flush();
                            }
                        },
                        System::nanoTime);
        // a cluster that ends by itself removes its record
        boolean goesOn =
                RunFile.find().filter(last -> last.data().equals(options.data())).isPresent();
        AllInOne cluster = new AllInOne(options, startup, goesOn);
        CountDownLatch ended = new CountDownLatch(1);
        Thread closing =
                new Thread(
                        () -> {
                            cluster.close();
                            ended.countDown();
                        },
                        "shutdown");
        RunFile.write(options.data(), apiPort, choice.fabric());
        Runtime.getRuntime().addShutdownHook(closing);
        try {
            cluster.start();
            Summary.print(out, options, cluster, (System.nanoTime() - start) / 1e9);
        } catch (RuntimeException e) {
            // the message first: closing takes a moment
            Runtime.getRuntime().removeShutdownHook(closing);
            cluster.close();
            RunFile.remove();
            throw e;
        }
        ended.await();
        return 0;
    }

    /** Runs this command in a user namespace, and relays to it, until it ends. */
    private int inside(ClusterOptions options) throws IOException, InterruptedException {
        RootlessRun run =
                RootlessRun.in(
                        options.data(), options.fabric().reason(), spec.commandLine().getErr());
        Thread ending =
                new Thread(
                        () -> {
                            try {
                                run.close();
                            } catch (IOException e) {
                                spec.commandLine().getErr().println("coracle: " + e.getMessage());
                            }
                        },
                        "shutdown");
        RunFile.write(options.data(), apiPort, Fabric.ROOTLESS);
        Runtime.getRuntime().addShutdownHook(ending);
        int code = run.run(spec.root().commandLine().getParseResult().originalArgs());
        RunFile.remove();
        return code;
    }

    /** One cluster a host: its networks have fixed names. */
    static void refuseSecond() {
        var running = RunFile.findLiving();
        if (running.isPresent()) {
            throw new StartupException(
                    "a cluster is already running here (process "
                            + running.get().pid()
                            + ", state in "
                            + running.get().data()
                            + "); 'coracle down' ends it");
        }
    }
}
