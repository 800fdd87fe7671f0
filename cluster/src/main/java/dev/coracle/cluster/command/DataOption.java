package dev.coracle.cluster.command;

import dev.coracle.cluster.RunFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The {@code --data} option, which every command has. */
final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "directory of all state (default: $CORACLE_DATA, else .coracle/data)")
    private @Nullable Path data;

    boolean isGiven() {
        return data != null;
    }

    /** The directory asked for, else that of the running cluster, else the usual one. */
    Path pathOfRunning() {
        return data == null
                ? RunFile.findLiving().map(RunFile::data).orElseGet(this::path)
                : path();
    }

    /** The directory asked for, else the usual one. */
    Path path() {
        Path chosen = data;
        if (chosen == null) {
            String variable = System.getenv("CORACLE_DATA");
            chosen = Path.of(variable == null || variable.isEmpty() ? ".coracle/data" : variable);
        }
        return chosen.toAbsolutePath().normalize();
    }
}
