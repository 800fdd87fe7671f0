package dev.coracle.cluster.command;

import dev.coracle.cluster.RunFile;
import dev.coracle.cluster.part.StartupException;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.island.NetnsFabric;
import dev.coracle.nodeagent.runtime.PlainRuntime;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code coracle down}: ends the cluster and removes everything it made on the host; its state
 * stays.
 */
@Command(
        name = "down",
        description = "End the cluster; its state stays in the data directory.",
        mixinStandardHelpOptions = true)
public final class DownCommand implements Callable<Integer> {

    private static final long PATIENCE_SECONDS = 60;

    @Mixin private DataOption data = new DataOption();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<RunFile> running = RunFile.findLiving();
        if (running.isPresent() && data.isGiven() && !running.get().data().equals(data.path())) {
            throw new StartupException(
                    "the cluster that is running has its state in "
                            + running.get().data()
                            + ", not in "
                            + data.path());
        }
        Optional<ProcessHandle> process = running.flatMap(RunFile::process);
        if (process.isPresent()) {
            end(process.get());
        }
        // what a killed cluster left behind; without rights there was none that could leave any
        if (NetnsFabric.check().passed()) {
            new NetnsFabric(FabricProperties.defaults()).remove();
        }
        // without namespaces, pods outlive a cluster that was killed
        PlainRuntime.endAll(running.map(RunFile::data).orElseGet(data::path).resolve("nodes"));
        RunFile.remove();
        spec.commandLine()
                .getOut()
                .println(
                        running.isPresent()
                                ? "the cluster is down; its state is in " + running.get().data()
                                : "no cluster was running; nothing of one is left on this host");
        return 0;
    }

    private static void end(ProcessHandle process) throws InterruptedException {
        process.destroy();
        try {
            process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            process.onExit().join();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
