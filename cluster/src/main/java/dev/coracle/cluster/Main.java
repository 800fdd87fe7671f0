package dev.coracle.cluster;

import dev.coracle.cluster.command.DemoCommand;
import dev.coracle.cluster.command.DownCommand;
import dev.coracle.cluster.command.ImageCommand;
import dev.coracle.cluster.command.KubeconfigCommand;
import dev.coracle.cluster.command.SnapshotCommand;
import dev.coracle.cluster.command.StatusCommand;
import dev.coracle.cluster.command.TrainCommand;
import dev.coracle.cluster.command.UpCommand;
import dev.coracle.cluster.part.StartupException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code coracle up | down | status | kubeconfig | demo | snapshot | image}. */
@Command(
        name = "coracle",
        description = "A small Kubernetes that one JVM can carry.",
        mixinStandardHelpOptions = true,
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            SnapshotCommand.class,
            ImageCommand.class,
            StatusCommand.class,
            KubeconfigCommand.class,
            DemoCommand.class,
            TrainCommand.class
        })
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, command, _) -> {
            if (failure instanceof StartupException
                    || failure instanceof IllegalArgumentException) {
                command.getErr().println("coracle: " + failure.getMessage());
                return 1;
            }
            throw failure;
        });
        line.setParameterExceptionHandler((failure, _) -> {
            failure.getCommandLine().getErr().println("coracle: " + failure.getMessage());
            return 1;
        });
        System.exit(line.execute(args));
    }
}
