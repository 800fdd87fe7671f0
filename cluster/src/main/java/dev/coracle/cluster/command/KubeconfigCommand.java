package dev.coracle.cluster.command;

import dev.coracle.cluster.part.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code coracle kubeconfig}: prints the path of the administrator's kubeconfig. */
@Command(
        name = "kubeconfig",
        description = "Print the path of the kubeconfig.",
        mixinStandardHelpOptions = true)
public final class KubeconfigCommand implements Callable<Integer> {

    @Mixin private DataOption data = new DataOption();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Path file = data.pathOfRunning().resolve("kubeconfig");
        if (!Files.exists(file)) {
            throw new StartupException(
                    "there is no kubeconfig in "
                            + data.pathOfRunning()
                            + ": run 'coracle up' first");
        }
        spec.commandLine().getOut().println(file);
        return 0;
    }
}
