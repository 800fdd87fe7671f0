package dev.coracle.cluster.command;

import dev.coracle.cluster.AllInOne;
import dev.coracle.cluster.ClusterOptions;
import dev.coracle.cluster.DemoFlow;
import dev.coracle.cluster.fabric.Fabric;
import dev.coracle.cluster.fabric.FabricChoice;
import dev.coracle.cluster.fabric.Outside;
import dev.coracle.cluster.part.Startup;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code coracle train}, for the launcher: starts a cluster, sends some requests through it and
 * ends, so that the JVM can record the classes and methods a start needs ({@code
 * -XX:AOTCacheOutput}).
 */
@Command(name = "train", hidden = true)
public final class TrainCommand implements Callable<Integer> {

    private static final int REQUESTS = 20;

    @Option(names = "--data", required = true, description = "a directory to throw away")
    private Path data = Path.of(".");

    @Override
    public Integer call() throws IOException, InterruptedException {
        UpCommand.refuseSecond();
        ClusterOptions options =
                new ClusterOptions(
                        1,
                        data,
                        Ports.anyFree(),
                        0,
                        new ClusterOptions.Dns(0, ""),
                        "",
                        "auto",
                        ClusterOptions.Registries.USUAL,
                        FabricChoice.of("netns"));
        try (AllInOne cluster =
                new AllInOne(options, new Startup(_ -> {}, System::nanoTime), false)) {
            cluster.start();
            var _ =
                    new DemoFlow(
                                    cluster.client(),
                                    new PrintWriter(new StringWriter()),
                                    Outside.of(Fabric.NETNS))
                            .run(REQUESTS);
        }
        return 0;
    }
}
