package dev.coracle.cluster.command;

import dev.coracle.apiserver.storage.Restore;
import dev.coracle.apiserver.storage.StoreException;
import dev.coracle.cluster.RunFile;
import dev.coracle.cluster.part.StartupException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coracle snapshot save FILE | restore FILE}: all objects, out of a cluster and back. */
@Command(
        name = "snapshot",
        description = "Save the running cluster's objects to a file, or restore them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "save|restore")
public final class SnapshotCommand {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "save",
            description = "Save all objects as they are at one moment; the cluster goes on.",
            mixinStandardHelpOptions = true)
    int save(@Parameters(paramLabel = "FILE", description = "must not exist") Path file)
            throws IOException, GeneralSecurityException, InterruptedException {
        if (Files.exists(file)) {
            throw new StartupException(file + " exists already");
        }
        RunFile running =
                RunFile.findLiving()
                        .orElseThrow(() ->
                                new StartupException(
                                        "no cluster is running; 'coracle up' starts one"));
        Path unfinished = Path.of(file + ".unfinished");
        // it holds every Secret
        Files.deleteIfExists(unfinished);
        Files.createFile(
                unfinished,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Path _ =
                    AdminRequest.get(
                            running, "/snapshot", HttpResponse.BodyHandlers.ofFile(unfinished));
            Restore.Content content = Restore.check(unfinished);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s: %d objects at revision %d%n",
                            file, content.objects(), content.revision());
        } catch (StoreException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        } finally {
            Files.deleteIfExists(unfinished);
        }
        return 0;
    }

    @Command(
            name = "restore",
            description =
                    "Make a saved file the state of a cluster that is not running; the files it"
                            + " replaces are renamed.",
            mixinStandardHelpOptions = true)
    int restore(
            @Parameters(paramLabel = "FILE") Path file,
            @Mixin DataOption data,
            @Option(
                            names = "--database",
                            paramLabel = "URL",
                            defaultValue = "",
                            description =
                                    "an R2DBC URL of a PostgreSQL database without a log, instead of"
                                            + " the file in --data")
                    String database)
            throws IOException {
        if (database.isEmpty()
                && RunFile.findLiving()
                        .filter(running -> running.data().equals(data.path()))
                        .isPresent()) {
            throw new StartupException("the cluster is running; 'coracle down' ends it");
        }
        try {
            Restore.Result result =
                    database.isEmpty()
                            ? Restore.intoDirectory(file, data.path())
                            : Restore.intoDatabase(file, database);
            spec.commandLine().getOut().printf("%d objects restored%n", result.objects());
            result.replaced()
                    .forEach(replaced ->
                            spec.commandLine().getOut().printf("replaced: %s%n", replaced));
        } catch (StoreException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        }
        return 0;
    }
}
